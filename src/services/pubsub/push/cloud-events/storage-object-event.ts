import type { PubsubMessage } from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import { publishTimeOf } from "../pushed-body.ts";
import type { CloudEvent } from "./cloud-event.ts";

/** The events of Cloud Storage's notifications. Google: Cloud Storage, "Pub/Sub notifications", event types. */
const TYPES: Readonly<Record<string, string>> = {
  OBJECT_FINALIZE: "google.cloud.storage.object.v1.finalized",
  OBJECT_DELETE: "google.cloud.storage.object.v1.deleted",
  OBJECT_ARCHIVE: "google.cloud.storage.object.v1.archived",
  OBJECT_METADATA_UPDATE: "google.cloud.storage.object.v1.metadataUpdated",
};

/**
 * The event of a notification, whose data is the object as the notification shows it; undefined for other messages.
 * Google: google-cloudevents, google/events/cloud/storage/v1/data.proto, StorageObjectData.
 */
export function storageObjectEvent(message: PubsubMessage): CloudEvent | undefined {
  const { eventType = "", bucketId, objectId, eventTime } = message.attributes;
  const type = TYPES[eventType];
  if (type === undefined || bucketId === undefined || objectId === undefined) return undefined;
  return {
    attributes: {
      bucket: bucketId,
      id: message.messageId,
      source: `//storage.googleapis.com/projects/_/buckets/${bucketId}`,
      specversion: "1.0",
      subject: `objects/${objectId}`,
      time: eventTime ?? publishTimeOf(message),
      type,
    },
    contentType: "application/json",
    data: message.data,
  };
}
