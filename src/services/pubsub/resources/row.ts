import type { ResourceRow } from "../../../platform/store/resource-table.ts";

/** The row of a new resource; `message` is its JSON. */
export function newRow(name: string, message: string, { uid, nowMs }: { uid: string; nowMs: number }): ResourceRow {
  return {
    name,
    parent: name.split("/").slice(0, -2).join("/"),
    uid,
    generation: 1,
    version: 1,
    message,
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another content. */
export function changedRow(row: ResourceRow, message: string, nowMs: number): ResourceRow {
  return { ...row, generation: row.generation + 1, message, updateTimeMs: nowMs };
}
