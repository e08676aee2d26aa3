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
  /** Rows whose parent is `parent` ("projects/P/locations/-" matches every location), by name, after `afterName`. */
  list(query: ResourceQuery): Promise<ResourceRow[]>;
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
  readonly limit: number;
  readonly afterName?: string;
  readonly descending?: boolean;
}

export class DuplicateResourceError extends Error {
  override name = "DuplicateResourceError";
}

export class StaleResourceError extends Error {
  override name = "StaleResourceError";
}
