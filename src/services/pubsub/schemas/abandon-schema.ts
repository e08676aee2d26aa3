import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { changedRow } from "../resources/row.ts";
import { storedTopic, topicOf } from "../resources/topic.ts";
import { DELETED_SCHEMA } from "./check-settings.ts";

/** Takes a schema that is deleted off the topics of all projects that use it. */
export async function abandonSchema(deps: Deps, transaction: StoreTransaction, name: string): Promise<void> {
  const rows = await deps.topics.list({ parent: "projects/-", limit: Number.MAX_SAFE_INTEGER }, transaction);
  for (const row of rows) {
    const topic = topicOf(row);
    if (topic.schemaSettings?.schema !== name) continue;
    const schemaSettings = { ...topic.schemaSettings, schema: DELETED_SCHEMA };
    const message = storedTopic({ ...topic, schemaSettings });
    const written = await deps.topics.update(transaction, changedRow(row, message, deps.clock.nowMs()));
    await deps.engine.topicUpdated(transaction, topicOf(written));
    transaction.afterCommit(() => deps.topicCache.forget(row.name));
  }
}
