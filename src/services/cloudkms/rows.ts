import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import type { ResourceRow } from "../../platform/store/resource-table.ts";

/** The row of a new resource; `message` is kept without its name. */
export function newRow<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
  { name, uid, nowMs }: { readonly name: string; readonly uid: string; readonly nowMs: number },
  unfinished = false,
): ResourceRow {
  return {
    name,
    parent: name.split("/").slice(0, -2).join("/"),
    uid,
    generation: 1,
    version: 1,
    message: stored(schema, message),
    unfinished,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another content. */
export function changedRow<Schema extends DescMessage>(
  row: ResourceRow,
  schema: Schema,
  message: MessageShape<Schema>,
  nowMs: number,
): ResourceRow {
  const content = stored(schema, message);
  return { ...row, generation: row.generation + 1, message: content, unfinished: false, updateTimeMs: nowMs };
}

function stored<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): string {
  return toJsonString(schema, { ...message, name: "" });
}
