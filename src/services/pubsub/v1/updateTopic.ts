import { create, equals } from "@bufbuild/protobuf";
import { Publisher, SchemaSettingsSchema, TopicSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { checkSchemaSettings } from "../schemas/check-settings.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { changedRow } from "../resources/row.ts";
import { findTopic, storedTopic, topicOf } from "../resources/topic.ts";
import { updated } from "../resources/update-mask.ts";
import { checkTransforms } from "../transforms/check-transforms.ts";
import { validateTopic } from "../resources/validate-topic.ts";

const TOPIC = {
  resource: "Topic",
  schema: TopicSchema,
  mutable: [
    "labels",
    "message_storage_policy",
    "message_retention_duration",
    "schema_settings",
    "message_transforms",
    "ingestion_data_source_settings",
  ],
};

/** Publisher.UpdateTopic: the fields of the mask. */
export const updateTopic = (deps: Deps) =>
  rpc(
    Publisher.method.updateTopic,
    { permission: "pubsub.topics.update", audit: "ADMIN_WRITE" },
    async ({ topic: patch, updateMask }) => {
      await checkTransforms(deps, "topic.message_transforms", patch!.messageTransforms);
      return deps.store.transact(async (transaction) => {
        const { row, topic } = await findTopic(deps, patch!.name, transaction);
        const changed = updated(TOPIC, topic, patch!, updateMask!);
        validateTopic(changed);
        if (
          changed.schemaSettings &&
          !equals(SchemaSettingsSchema, changed.schemaSettings, topic.schemaSettings ?? create(SchemaSettingsSchema))
        )
          await checkSchemaSettings(deps, changed.schemaSettings, transaction);
        const written = await deps.topics.update(
          transaction,
          changedRow(row, storedTopic(changed), deps.clock.nowMs()),
        );
        const answer = topicOf(written);
        await deps.engine.topicUpdated(transaction, answer);
        transaction.afterCommit(() => deps.topicCache.forget(row.name));
        return answer;
      });
    },
  );
