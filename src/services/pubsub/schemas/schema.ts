import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Schema, SchemaSchema, SchemaView } from "../../../gen/google/pubsub/v1/schema_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { checkName } from "../resources/names.ts";

/** A revision of a schema; one that was deleted is remembered for the place it had among the others. */
export interface Revision {
  readonly row: ResourceRow;
  readonly schema: Schema;
  readonly isDeleted: boolean;
}

/** The row of a revision; the schema has another one like it, under its own name. */
export function revisionRow(
  schema: Pick<Schema, "name" | "type" | "definition">,
  { revisionId, uid, nowMs, number }: { revisionId: string; uid: string; nowMs: number; number: number },
): ResourceRow {
  const { name, type, definition } = schema;
  const revisionCreateTime = timestampFromMs(nowMs);
  const message = create(SchemaSchema, { name, type, definition, revisionId, revisionCreateTime });
  return {
    name: `${name}@${revisionId}`,
    parent: name,
    uid,
    // Revisions made within one millisecond have an order, too.
    generation: number,
    version: 1,
    message: toJsonString(SchemaSchema, message),
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row of a schema whose newest revision is that. */
export function schemaRow(revision: ResourceRow): ResourceRow {
  const name = revision.parent;
  return { ...revision, name, parent: name.split("/").slice(0, -2).join("/"), generation: 1 };
}

/** A schema or revision as the API answers it; without a view that says otherwise, whole. */
export function schemaOf({ message }: ResourceRow, view = SchemaView.FULL): Schema {
  const schema = fromJsonString(SchemaSchema, message);
  return view === SchemaView.FULL ? schema : { ...schema, definition: "" };
}

/** The schema of that name, without a revision; NOT_FOUND when there is none. */
export async function findSchema(
  { schemas }: Pick<Deps, "schemas">,
  name: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow> {
  checkName("schemas", name);
  const row = await schemas.get(name, transaction);
  if (!row) throw resourceNotFound(name);
  return row;
}

/** All revisions that a schema ever had, the oldest first. */
export async function revisionsOf(
  { revisions }: Pick<Deps, "revisions">,
  name: string,
  transaction?: StoreTransaction,
): Promise<Revision[]> {
  const rows = await revisions.list({ parent: name, limit: Number.MAX_SAFE_INTEGER }, transaction);
  return rows
    .toSorted((one, other) => one.generation - other.generation)
    .map((row) => ({ row, schema: schemaOf(row), isDeleted: schemaOf(row).definition === "" }));
}

/** The revision of that name, "projects/P/schemas/S@REVISION"; NOT_FOUND when there is none. */
export async function findRevision(
  deps: Pick<Deps, "schemas" | "revisions">,
  name: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow> {
  const [schema = ""] = name.split("@");
  await findSchema(deps, schema, transaction);
  const row = await deps.revisions.get(name, transaction);
  if (!row || schemaOf(row).definition === "") throw resourceNotFound(name);
  return row;
}
