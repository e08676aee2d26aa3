import {
  DuplicateResourceError,
  type ResourceRow,
  type ResourceTable,
} from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { resourceExists } from "./errors.ts";

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

/** Inserts a row; ALREADY_EXISTS when its name is taken. */
export async function insertNew(table: ResourceTable, transaction: StoreTransaction, row: ResourceRow): Promise<void> {
  try {
    await table.insert(transaction, row);
  } catch (error) {
    throw error instanceof DuplicateResourceError ? resourceExists(row.name) : error;
  }
}
