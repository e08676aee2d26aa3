import type { StoreTransaction } from "./store.ts";

/**
 * A table of API resources keyed by full resource name: the shape that nearly every service needs.
 * The message itself is opaque bytes or text to this floor.
 */
export interface ResourceTable {
  get(name: string, transaction?: StoreTransaction): Promise<ResourceRow | undefined>;
  /** Rejects with DuplicateResourceError when the name exists. */
  insert(transaction: StoreTransaction, row: ResourceRow): Promise<void>;
  /** Writes message, generation and state; rejects with StaleResourceError when the stored `version` differs from `row.version`. */
  update(transaction: StoreTransaction, row: ResourceRow): Promise<ResourceRow>;
  /** True when a row was deleted. */
  delete(transaction: StoreTransaction, name: string): Promise<boolean>;
  /** Rows whose parent is `parent` (a segment "-" matches any one segment, as in "projects/P/locations/-"), a page at a time. */
  list(query: ResourceQuery, transaction?: StoreTransaction): Promise<ResourceRow[]>;
  /** Names of all rows that are unfinished: what a slow scan wakes. */
  unfinishedNames(): Promise<string[]>;
}

export interface ResourceRow {
  /** Full resource name, for example projects/p/locations/us-central1/functions/hello. */
  readonly name: string;
  /** Name without its last two segments. */
  readonly parent: string;
  readonly uid: string;
  /** Raised by each change of intent, from 1. */
  readonly generation: number;
  /** Raised by each write of the row, from 1; the base of etags. */
  readonly version: number;
  /** Canonical JSON of the stored message. */
  readonly message: string;
  /** True while a reconciler has work to do; the slow scan wakes these. */
  readonly unfinished: boolean;
  readonly createTimeMs: number;
  readonly updateTimeMs: number;
}

export interface ResourceQuery {
  readonly parent: string;
  /** The most rows to return. */
  readonly limit: number;
  /** What to order by: the full name (default), or the time of creation and then the name. */
  readonly orderBy?: "name" | "createTime";
  readonly descending?: boolean;
  /** The last row of the page before; its name suffices when ordering by name. */
  readonly after?: { readonly name: string; readonly createTimeMs?: number };
}

export class DuplicateResourceError extends Error {
  override name = "DuplicateResourceError";
}

export class StaleResourceError extends Error {
  override name = "StaleResourceError";
}
