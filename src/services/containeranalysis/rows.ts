import { type DescMessage, fromJsonString, type MessageShape, toJsonString } from "@bufbuild/protobuf";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import { parentOf } from "./names.ts";

/** The row of a note or an occurrence that was just made. */
export function newRow<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema> & { readonly name: string },
  uid: string,
  nowMs: number,
): ResourceRow {
  const { name } = message;
  const times = { createTimeMs: nowMs, updateTimeMs: nowMs };
  const text = toJsonString(schema, message);
  return { name, parent: parentOf(name), uid, generation: 1, version: 1, message: text, unfinished: false, ...times };
}

/** The row with another content. */
export function rowWith<Schema extends DescMessage>(
  schema: Schema,
  row: ResourceRow,
  message: MessageShape<Schema>,
  nowMs: number,
): ResourceRow {
  const generation = row.generation + 1;
  return { ...row, generation, message: toJsonString(schema, message), updateTimeMs: nowMs };
}

/** What a row holds. */
export function messageOf<Schema extends DescMessage>(schema: Schema, row: ResourceRow): MessageShape<Schema> {
  return fromJsonString(schema, row.message);
}
