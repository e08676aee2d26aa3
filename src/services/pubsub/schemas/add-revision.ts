import type { Schema } from "../../../gen/google/pubsub/v1/schema_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { resourceExhausted } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { compileSchema } from "./compile-schema.ts";
import type { CompiledSchema } from "./compiled-schema.ts";
import { incompatibleRevision } from "./errors.ts";
import { MAX_REVISIONS } from "./limits.ts";
import { findSchema, revisionRow, revisionsOf, schemaOf, schemaRow } from "./schema.ts";

/** Makes a definition the newest revision of a schema, if it goes together with all others; the revision. */
export async function addRevision(
  deps: Deps,
  transaction: StoreTransaction,
  name: string,
  { type, definition }: Pick<Schema, "type" | "definition">,
): Promise<Schema> {
  const current = await findSchema(deps, name, transaction);
  const all = await revisionsOf(deps, name, transaction);
  const living = all.filter(({ isDeleted }) => !isDeleted);
  await checkCompatible(
    await compileSchema({ type, definition }),
    living.map(({ schema }) => schema),
  );
  if (living.length >= MAX_REVISIONS)
    throw resourceExhausted(`A schema has at most ${MAX_REVISIONS} revisions (resource=${name}).`);
  const row = revisionRow({ name, type, definition }, { ...newIds(deps), number: all.at(-1)!.row.generation + 1 });
  await deps.revisions.insert(transaction, row);
  await putNewest(deps, transaction, current, row);
  return schemaOf(row);
}

/** What is random or of this moment in a new revision. */
export function newIds({ ids, clock }: Pick<Deps, "ids" | "clock">) {
  return { revisionId: ids.uuid().slice(0, 8), uid: ids.uuid(), nowMs: clock.nowMs() };
}

/** Makes a revision what the schema answers. */
export async function putNewest(
  deps: Pick<Deps, "schemas" | "schemaCache">,
  transaction: StoreTransaction,
  current: ResourceRow,
  newest: ResourceRow,
): Promise<void> {
  const { message, updateTimeMs } = schemaRow(newest);
  await deps.schemas.update(transaction, { ...current, message, updateTimeMs });
  transaction.afterCommit(() => deps.schemaCache.forget(current.name));
}

async function checkCompatible(compiled: CompiledSchema, others: readonly Schema[]): Promise<void> {
  for (const other of others) {
    const conflict = compiled.conflictWith(await compileSchema(other));
    if (conflict !== undefined) throw incompatibleRevision(other.revisionId, conflict);
  }
}
