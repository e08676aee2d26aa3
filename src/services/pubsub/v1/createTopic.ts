import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkName } from "../resources/names.ts";
import { insertNew, newRow } from "../resources/row.ts";
import { checkSchemaSettings } from "../schemas/check-settings.ts";
import { storedTopic, topicOf } from "../resources/topic.ts";
import { checkTransforms } from "../transforms/check-transforms.ts";
import { validateTopic } from "../resources/validate-topic.ts";

/** Publisher.CreateTopic. */
export const createTopic = (deps: Deps) =>
  rpc(Publisher.method.createTopic, { permission: "pubsub.topics.create", audit: "ADMIN_WRITE" }, async (topic) => {
    checkName("topics", topic.name);
    validateTopic(topic);
    await checkTransforms(deps, "topic.message_transforms", topic.messageTransforms);
    const row = newRow(topic.name, storedTopic(topic), { uid: deps.ids.uuid(), nowMs: deps.clock.nowMs() });
    return deps.store.transact(async (transaction) => {
      if (topic.schemaSettings) await checkSchemaSettings(deps, topic.schemaSettings, transaction);
      await insertNew(deps.topics, transaction, row);
      const created = topicOf(row);
      await deps.engine.topicCreated(transaction, created);
      transaction.afterCommit(() => deps.topicCache.forget(row.name));
      return created;
    });
  });
