import { attribute } from "./attributes.ts";
import type { EventType, Provider } from "./catalog.ts";

const JSON_ONLY = ["application/json"];

/** Providers whose events come from homerun's own services. Descriptions are Google's. */
export const routedProviders: readonly Provider[] = [
  {
    id: "cloudaudit.googleapis.com",
    displayName: "Cloud Audit Logs",
    eventTypes: [
      {
        type: "google.cloud.audit.log.v1.written",
        description: "An audit log is created that matches the trigger's filter criteria.",
        attributes: [
          attribute("methodName", "The identifier of the service's operation.", { required: true }),
          attribute("resourceName", "The complete path to a resource. Used to filter events for a specific resource.", {
            pathPatternSupported: true,
          }),
          attribute("serviceName", "The identifier of the Google Cloud service.", { required: true }),
        ],
        schema: "cloud/audit/v1/data.proto",
        origin: "AUDIT_LOG",
        contentTypes: JSON_ONLY,
        isGlobal: true,
      },
    ],
  },
  {
    id: "pubsub.googleapis.com",
    displayName: "Cloud Pub/Sub",
    eventTypes: [
      {
        type: "google.cloud.pubsub.topic.v1.messagePublished",
        description: "A message is published to the specified Pub/Sub topic.",
        attributes: [],
        schema: "cloud/pubsub/v1/data.proto",
        origin: "PUBSUB",
        contentTypes: JSON_ONLY,
        isGlobal: true,
      },
    ],
  },
  {
    id: "storage.googleapis.com",
    displayName: "Cloud Storage",
    eventTypes: [
      objectEvent("archived", "The live version of an object has become a noncurrent version."),
      objectEvent("deleted", "An object has been permanently deleted."),
      objectEvent("finalized", "A new object is created in a bucket, or an existing object is overwritten."),
      objectEvent("metadataUpdated", "The metadata of an existing object has changed."),
    ],
  },
];

function objectEvent(verb: string, description: string): EventType {
  return {
    type: `google.cloud.storage.object.v1.${verb}`,
    description,
    attributes: [attribute("bucket", "The bucket name being watched.", { required: true })],
    schema: "cloud/storage/v1/data.proto",
    origin: "STORAGE",
    contentTypes: JSON_ONLY,
    isGlobal: false,
  };
}
