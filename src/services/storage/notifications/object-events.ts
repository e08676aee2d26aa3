import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outbox } from "../../../wire/outbox/outbox.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { StoredBucket } from "../buckets/store.ts";
import { objectToJson } from "../json/object-json.ts";
import { type EventType, type NotificationConfig, tellsOf } from "./config.ts";
import { serviceAgentOf } from "./service-agent.ts";

/** A change of an object. Google: cloud.google.com/storage/docs/pubsub-notifications. */
export interface ObjectChange {
  readonly type: EventType;
  readonly object: Object$;
  /** The generation that took the place of this one. */
  readonly overwrittenBy?: bigint | undefined;
  /** The generation whose place this one took. */
  readonly overwrote?: bigint | undefined;
}

/** Tells the topics of a bucket's notification configurations what happens to its objects. */
export interface ObjectEvents {
  /** Writes down what is to be published once the change is committed; does nothing in a bucket without configurations. */
  changed(transaction: StoreTransaction, bucket: StoredBucket, change: ObjectChange): Promise<void>;
}

export interface ObjectEventsDeps extends Pick<ServiceDeps, "clock" | "projects"> {
  readonly outbox: Outbox;
}

export function createObjectEvents({ outbox, clock, projects }: ObjectEventsDeps): ObjectEvents {
  return {
    async changed(transaction, { bucket, notifications }, change) {
      if (notifications.length === 0) return;
      const told = notifications.filter((config) => tellsOf(config, change.type, change.object.name));
      if (told.length === 0) return;
      const nowMs = clock.nowMs();
      const payload = Buffer.from(JSON.stringify(payloadOf(change, nowMs)));
      const agent = serviceAgentOf(bucket.project);
      const messages = told.map((config) => {
        const [, project = "", topic = ""] = /^projects\/([^/]+)\/topics\/(.+)$/.exec(config.topic) ?? [];
        const attributes = attributesOf(config, bucket.bucketId, change, nowMs);
        const data = config.payloadFormat === "NONE" ? new Uint8Array() : payload;
        return { topic: `projects/${projects.idOf(project)}/topics/${topic}`, agent, message: { attributes, data } };
      });
      await outbox.add(transaction, messages);
    },
  };
}

function attributesOf(config: NotificationConfig, bucketId: string, change: ObjectChange, nowMs: number) {
  const { type, object, overwrittenBy, overwrote } = change;
  return {
    ...config.customAttributes,
    notificationConfig: `projects/_/buckets/${bucketId}/notificationConfigs/${config.id}`,
    eventType: type,
    payloadFormat: config.payloadFormat,
    bucketId,
    objectId: object.name,
    objectGeneration: String(object.generation),
    eventTime: new Date(nowMs).toISOString(),
    ...(overwrittenBy !== undefined && { overwrittenByGeneration: String(overwrittenBy) }),
    ...(overwrote !== undefined && { overwroteGeneration: String(overwrote) }),
  };
}

/** The object as the JSON API of storage.googleapis.com shows it; one that was removed with the time of that. */
function payloadOf({ type, object }: ObjectChange, nowMs: number) {
  const isGone = type === "OBJECT_DELETE" || type === "OBJECT_ARCHIVE";
  const shown = isGone && !object.deleteTime ? { ...object, deleteTime: timestampFromMs(nowMs) } : object;
  const json = objectToJson(shown, "https://storage.googleapis.com");
  return { ...json, selfLink: json.selfLink.replace("https://storage.", "https://www.") };
}
