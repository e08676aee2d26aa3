import { invalidValue, missingPayloadFormat } from "../errors.ts";
import type { Json } from "../json/json-call.ts";
import { mapOf, textOf, textsOf } from "../json/json-fields.ts";
import { LIMITS } from "../limits.ts";

/** The changes of objects that can be told, in the order in which Cloud Storage lists them. */
export const EVENT_TYPES = ["OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE"] as const;

export type EventType = (typeof EVENT_TYPES)[number];

const PAYLOAD_FORMATS = ["JSON_API_V1", "NONE"] as const;
const TOPIC = /^(?:\/\/pubsub\.googleapis\.com\/)?(projects\/[^/]+\/topics\/[^/]+)$/;

/** What tells a topic of the changes of a bucket's objects. Google: cloud.google.com/storage/docs/json_api/v1/notifications. */
export interface NotificationConfig {
  /** A number as text, unique in its bucket. */
  readonly id: string;
  /** "projects/P/topics/T" */
  readonly topic: string;
  /** Empty for all. */
  readonly eventTypes: readonly EventType[];
  readonly customAttributes: Readonly<Record<string, string>>;
  readonly objectNamePrefix: string;
  readonly payloadFormat: (typeof PAYLOAD_FORMATS)[number];
}

/** A configuration as a client asks for it, without its id; rejects what Cloud Storage rejects. */
export function configFromJson(json: Json): Omit<NotificationConfig, "id"> {
  const payloadFormat = PAYLOAD_FORMATS.find((format) => format === json["payload_format"]);
  if (!payloadFormat) throw missingPayloadFormat();
  const topic = TOPIC.exec(textOf(json, "topic"))?.[1];
  if (topic === undefined) {
    throw invalidValue(
      "Invalid Google Cloud Pub/Sub topic. It should look like '//pubsub.googleapis.com/projects/*/topics/*.'",
    );
  }
  const customAttributes = mapOf(json, "custom_attributes");
  checkAttributes(customAttributes);
  const asked = new Set(textsOf(json, "event_types"));
  return {
    topic,
    // Types that do not exist are dropped, as Cloud Storage does it.
    eventTypes: EVENT_TYPES.filter((type) => asked.has(type)),
    customAttributes,
    objectNamePrefix: textOf(json, "object_name_prefix"),
    payloadFormat,
  };
}

/** A configuration as the JSON API shows it. */
export function configToJson(bucketId: string, config: NotificationConfig) {
  const { id, topic, eventTypes, customAttributes, objectNamePrefix, payloadFormat } = config;
  return {
    kind: "storage#notification",
    selfLink: `https://www.googleapis.com/storage/v1/b/${bucketId}/notificationConfigs/${id}`,
    id,
    topic: `//pubsub.googleapis.com/${topic}`,
    ...(eventTypes.length > 0 && { event_types: eventTypes }),
    ...(Object.keys(customAttributes).length > 0 && { custom_attributes: customAttributes }),
    etag: id,
    ...(objectNamePrefix && { object_name_prefix: objectNamePrefix }),
    payload_format: payloadFormat,
  };
}

/** Whether a configuration tells of a change. */
export function tellsOf(config: NotificationConfig, type: EventType, objectName: string): boolean {
  return (
    (config.eventTypes.length === 0 || config.eventTypes.includes(type)) &&
    objectName.startsWith(config.objectNamePrefix)
  );
}

/** Rejects a configuration when the bucket has as many as Cloud Storage allows. */
export function checkRoom(present: readonly NotificationConfig[], asked: Omit<NotificationConfig, "id">): void {
  if (present.length >= LIMITS.notificationConfigs) {
    throw invalidValue(`Too many notifications. The maximum is ${LIMITS.notificationConfigs}.`);
  }
  const types = asked.eventTypes.length > 0 ? asked.eventTypes : EVENT_TYPES;
  const most = Math.max(
    ...types.map((type) => present.filter(({ eventTypes }) => !eventTypes.length || eventTypes.includes(type)).length),
  );
  if (most >= LIMITS.notificationsOfOneEvent) {
    throw invalidValue(`Too many overlapping notifications. The maximum is ${LIMITS.notificationsOfOneEvent}.`);
  }
}

function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  const entries = Object.entries(attributes);
  if (entries.length > LIMITS.customAttributes) {
    throw invalidValue(
      `Maximum of ${LIMITS.customAttributes} custom attributes, notification config had ${entries.length}`,
    );
  }
  for (const [key, value] of entries) {
    if (key === "") throw invalidValue("Custom attribute keys may not be empty");
    checkLength("keys", "key", key, LIMITS.customAttributeKeyBytes);
    checkLength("values", "value", value, LIMITS.customAttributeValueBytes);
  }
}

function checkLength(plural: string, singular: string, text: string, most: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= most) return;
  throw invalidValue(
    `Notification ${plural} may not be longer than ${most} characters, but ${singular} '${text}' contains ${bytes} characters.`,
  );
}
