import { clone, create } from "@bufbuild/protobuf";
import { type Trigger, TriggerSchema } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import {
  type EventFilter,
  type EventTrigger,
  EventTrigger_RetryPolicy as RetryPolicy,
  EventTriggerSchema,
  type Function,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { computeServiceAccountOf, formatLocation, type FunctionName, serviceIdOf } from "./function-name.ts";

/** Type of the events of a Pub/Sub topic, the only ones for which a function may name the topic. */
export const MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";
/** Label of what Cloud Functions made and manages. */
const MANAGED = { "goog-managed-by": "cloudfunctions" } as const;

/** Google: Functions Framework contract, FUNCTION_SIGNATURE_TYPE: an event function is a CloudEvent function. */
export function signatureTypeOf({ eventTrigger }: Pick<Function, "eventTrigger">): "http" | "cloudevent" {
  return eventTrigger ? "cloudevent" : "http";
}

/**
 * An event trigger with what Google fills in. While it asks for the same events as `current`, it stays the same Eventarc
 * trigger; else it is a new one, FUNCTION-NNNNNN with the digits of `newDigits`.
 */
export function completeTrigger(
  given: EventTrigger,
  current: EventTrigger | undefined,
  name: FunctionName,
  newDigits: () => string,
): EventTrigger {
  const trigger = clone(EventTriggerSchema, given);
  trigger.trigger = "";
  trigger.triggerRegion ||= name.location;
  trigger.serviceAccountEmail ||= computeServiceAccountOf(name.project);
  trigger.retryPolicy ||= RetryPolicy.DO_NOT_RETRY;
  const currentTransport = current && hasTransportTopic(current) ? current.pubsubTopic : "";
  if (trigger.pubsubTopic === currentTransport) trigger.pubsubTopic = "";
  if (current && sourceOf(trigger) === sourceOf(current)) {
    trigger.trigger = current.trigger;
    trigger.pubsubTopic = current.pubsubTopic;
  } else {
    const { project } = name;
    const location = formatLocation({ project, location: trigger.triggerRegion });
    do trigger.trigger = `${location}/triggers/${serviceIdOf(name)}-${newDigits()}`;
    while (trigger.trigger === current?.trigger);
  }
  return trigger;
}

/** The Eventarc trigger that brings a function its events. Google: trigger.proto, Destination.cloud_function. */
export function planTrigger(wanted: EventTrigger, functionName: string): Trigger {
  const { trigger: name, eventType, eventFilters, serviceAccountEmail, channel, pubsubTopic, retryPolicy } = wanted;
  const ownTopic = pubsubTopic !== "" && !hasTransportTopic(wanted);
  return create(TriggerSchema, {
    name,
    eventFilters: [{ attribute: "type", value: eventType }, ...eventFilters.map(plainFilter)],
    serviceAccount: serviceAccountEmail,
    destination: { descriptor: { case: "cloudFunction", value: functionName } },
    labels: MANAGED,
    channel,
    ...(ownTopic && { transport: { intermediary: { case: "pubsub", value: { topic: pubsubTopic } } } }),
    ...(retryPolicy !== RetryPolicy.RETRY && { retryPolicy: { maxAttempts: 1 } }),
  });
}

/** What a deployment changes of a trigger that stays; what else makes a trigger another one. */
export const TRIGGER_MASK = ["service_account", "retry_policy"] as const;

/** Whether an Eventarc trigger is as planned, as far as `TRIGGER_MASK` goes. */
export function isAsPlanned(trigger: Trigger, planned: Trigger): boolean {
  const attempts = ({ retryPolicy }: Trigger) => retryPolicy?.maxAttempts ?? 0;
  return trigger.serviceAccount === planned.serviceAccount && attempts(trigger) === attempts(planned);
}

/** Whether the topic is the transport that Eventarc made for the trigger, eventarc-REGION-TRIGGER-NNN, and not the user's. */
export function hasTransportTopic({ trigger, triggerRegion, pubsubTopic }: EventTrigger): boolean {
  const id = trigger.slice(trigger.lastIndexOf("/") + 1);
  return id !== "" && pubsubTopic.includes(`/topics/eventarc-${triggerRegion}-${id}-`);
}

/** The topic that the user named; "" where Eventarc has one of its own. */
export function ownTopicOf(trigger: EventTrigger): string {
  return hasTransportTopic(trigger) ? "" : trigger.pubsubTopic;
}

/** Everything that decides which events a trigger brings, as one comparable text. */
function sourceOf(trigger: EventTrigger): string {
  const { eventType, triggerRegion, channel, eventFilters } = trigger;
  const filters = eventFilters.map(({ attribute, value, operator }) => [attribute, value, operator].join("\0"));
  return JSON.stringify([eventType, triggerRegion, channel, ownTopicOf(trigger), filters.toSorted()]);
}

function plainFilter({ attribute, value, operator }: EventFilter) {
  return { attribute, value, operator };
}
