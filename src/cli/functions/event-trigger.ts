import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { parsePairs } from "./pairs.ts";

/** The flags that say which events a function gets, named and meant as gcloud's. */
export interface TriggerOptions {
  readonly triggerHttp?: boolean;
  readonly triggerTopic?: string;
  readonly triggerBucket?: string;
  readonly triggerEventFilters?: string;
  readonly triggerEventFiltersPathPattern?: string;
  readonly triggerLocation?: string;
  readonly triggerServiceAccount?: string;
  readonly triggerChannel?: string;
  readonly retry?: boolean;
}

/** The part of an EventTrigger's JSON that the commands use. */
export interface EventTriggerJson {
  readonly trigger?: string;
  readonly triggerRegion?: string;
  readonly eventType?: string;
  readonly eventFilters?: readonly { readonly attribute: string; readonly value: string; readonly operator?: string }[];
  readonly pubsubTopic?: string;
  readonly serviceAccountEmail?: string;
  readonly retryPolicy?: string;
  readonly channel?: string;
}

const MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";
const OBJECT_FINALIZED = "google.cloud.storage.object.v1.finalized";

export function withTriggerOptions(command: Command): Command {
  return command
    .option("--trigger-http", "call it by its URL only, which is the default")
    .option("--trigger-topic <topic>", "call it for each message of a Pub/Sub topic, made if it is not there")
    .option("--trigger-bucket <bucket>", "call it for each object finalized in a bucket")
    .option("--trigger-event-filters <list>", "call it for events with these attributes: type=TYPE,ATTRIBUTE=VALUE,...")
    .option("--trigger-event-filters-path-pattern <list>", "the same with path patterns: ATTRIBUTE=PATTERN,...")
    .option("--trigger-location <location>", "where the events come from; default: the function's region")
    .option("--trigger-service-account <email>", "account that calls the function")
    .option("--trigger-channel <channel>", "channel that brings the events")
    .option("--retry", "send an event again while the function fails, for up to 24 hours")
    .option("--no-retry", "drop an event after one attempt, which is the default");
}

/** The trigger that the flags ask for; undefined when they name no events. CliError when they do not fit together. */
export function eventTriggerOf(project: string, options: TriggerOptions): EventTriggerJson | undefined {
  if (kindsOf(options).length > 1)
    throw new CliError("give one of --trigger-http, --trigger-topic, --trigger-bucket and --trigger-event-filters");
  const events = eventsOf(project, options);
  if (!events) return undefined;
  const { triggerLocation, triggerServiceAccount, triggerChannel } = options;
  return {
    ...events,
    ...(triggerLocation !== undefined && { triggerRegion: triggerLocation }),
    ...(triggerServiceAccount !== undefined && { serviceAccountEmail: triggerServiceAccount }),
    ...(triggerChannel !== undefined && { channel: triggerChannel }),
    ...retryOf(options),
  };
}

/** The paths of an update mask that the flags mean. */
export function triggerMaskOf(options: TriggerOptions): string[] {
  if (kindsOf(options).length > 0) return ["eventTrigger"];
  return options.retry === undefined ? [] : ["eventTrigger.retryPolicy"];
}

/** Only the retry policy, for a function that keeps its trigger. */
export function retryOf({ retry }: Pick<TriggerOptions, "retry">): Pick<EventTriggerJson, "retryPolicy"> {
  if (retry === undefined) return {};
  return { retryPolicy: retry ? "RETRY_POLICY_RETRY" : "RETRY_POLICY_DO_NOT_RETRY" };
}

/** What calls a function, in a few words; in gcloud's for topics and buckets. */
export function triggerText(trigger: EventTriggerJson | undefined): string {
  if (!trigger) return "HTTP";
  const bucket = trigger.eventFilters?.find(({ attribute }) => attribute === "bucket")?.value;
  if (bucket !== undefined) return `bucket: ${bucket}`;
  if (trigger.eventType === MESSAGE_PUBLISHED) return `topic: ${trigger.pubsubTopic?.split("/").at(-1)}`;
  return trigger.eventType ?? "";
}

function kindsOf({ triggerHttp, triggerTopic, triggerBucket, triggerEventFilters }: TriggerOptions) {
  return [triggerHttp, triggerTopic, triggerBucket, triggerEventFilters].filter((kind) => kind !== undefined);
}

function eventsOf(project: string, options: TriggerOptions): EventTriggerJson | undefined {
  const { triggerTopic, triggerBucket, triggerEventFilters, triggerEventFiltersPathPattern } = options;
  if (triggerTopic !== undefined) {
    const pubsubTopic = triggerTopic.includes("/") ? triggerTopic : `projects/${project}/topics/${triggerTopic}`;
    return { eventType: MESSAGE_PUBLISHED, pubsubTopic };
  }
  if (triggerBucket !== undefined) {
    const value = triggerBucket.replace(/^gs:\/\//, "").replace(/\/$/, "");
    return { eventType: OBJECT_FINALIZED, eventFilters: [{ attribute: "bucket", value }] };
  }
  if (triggerEventFilters === undefined) return undefined;
  const { type, ...exact } = parsePairs(triggerEventFilters);
  if (type === undefined) throw new CliError("--trigger-event-filters needs type=TYPE");
  const patterns = parsePairs(triggerEventFiltersPathPattern ?? "");
  const filters = Object.entries(exact).map(([attribute, value]) => ({ attribute, value }));
  const patternFilters = Object.entries(patterns).map(([attribute, value]) => ({
    attribute,
    value,
    operator: "match-path-pattern",
  }));
  return { eventType: type, eventFilters: [...filters, ...patternFilters] };
}
