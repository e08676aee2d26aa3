import type { EventTrigger } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import type { FieldViolation } from "../../wire/errors.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { MESSAGE_PUBLISHED, ownTopicOf } from "./event-trigger.ts";
import type { FunctionName } from "./function-name.ts";

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const TOPIC = /^projects\/([^/]+)\/topics\/[A-Za-z][\w.~+%-]{2,254}$/;
const CHANNEL = /^projects\/[^/]+\/locations\/[^/]+\/channels\/[^/]+$/;
const REGION = /^[a-z][a-z0-9-]*$/;
/** EventFilter.operator (functions.proto): exact where it is not given. */
const OPERATORS = ["", "match-path-pattern"];

/** What is wrong with a complete event trigger by itself; whether there are such events, Eventarc says. */
export function* triggerViolations(trigger: EventTrigger, { project }: FunctionName): Iterable<FieldViolation> {
  const at = (field: string, description: string) => ({ field: `function.event_trigger.${field}`, description });
  const { eventType, triggerRegion, channel, serviceAccountEmail, service } = trigger;
  if (eventType === "") yield at("event_type", "event type must be given");
  if (!REGION.test(triggerRegion)) yield at("trigger_region", `invalid trigger region '${triggerRegion}'`);
  for (const { attribute, value, operator } of trigger.eventFilters) {
    if (attribute === "" || value === "") yield at("event_filters", "attribute and value of a filter must be given");
    if (attribute === "type") yield at("event_filters", "the type of events is given by event_type, not by a filter");
    if (!OPERATORS.includes(operator))
      yield at("event_filters", `operator '${operator}' is not allowed; the only one is match-path-pattern`);
  }
  yield* topicViolations(trigger, project, (text) => at("pubsub_topic", text));
  if (channel !== "" && !CHANNEL.test(channel))
    yield at("channel", `'${channel}' must match projects/{project}/locations/{location}/channels/{channel}`);
  if (!EMAIL.test(serviceAccountEmail))
    yield at("service_account_email", `invalid service account '${serviceAccountEmail}'`);
  if (service !== "") yield at("service", "service is only applicable to 1st Gen functions");
}

function* topicViolations(
  trigger: EventTrigger,
  project: string,
  at: (text: string) => FieldViolation,
): Iterable<FieldViolation> {
  const topic = ownTopicOf(trigger);
  if (topic === "") return;
  if (trigger.eventType !== MESSAGE_PUBLISHED)
    yield at(`a topic is only valid for events of type ${MESSAGE_PUBLISHED}`);
  const owner = TOPIC.exec(topic)?.[1];
  if (owner === undefined) yield at(`'${topic}' must match projects/{project}/topics/{topic}`);
  else if (owner !== project && owner !== projectNumberOf(project))
    yield at(`the topic '${topic}' must be in the function's project ${project}`);
}
