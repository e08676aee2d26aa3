import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Topic } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { checkBounds, invalidField } from "./errors.ts";
import { checkLabels } from "./labels.ts";
import { RETENTION } from "./limits.ts";

/** Rejects with INVALID_ARGUMENT what Pub/Sub refuses in a topic, and by name what homerun does not support. */
export function validateTopic(topic: Topic): void {
  if (topic.kmsKeyName !== "") throw unsupportedField("topic.kms_key_name");
  if (topic.ingestionDataSourceSettings) throw unsupportedField("topic.ingestion_data_source_settings");
  if (Object.keys(topic.tags).length > 0) throw unsupportedField("topic.tags");
  checkLabels("topic.labels", topic.labels);
  const { messageRetentionDuration: retention, messageStoragePolicy: policy } = topic;
  if (retention) checkBounds("topic.message_retention_duration", durationMs(retention) / 1000, RETENTION);
  if (policy && policy.allowedPersistenceRegions.length === 0)
    throw invalidField(
      "topic.message_storage_policy.allowed_persistence_regions",
      "The allowed persistence regions must not be empty.",
    );
}
