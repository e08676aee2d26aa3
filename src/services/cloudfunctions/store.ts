import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";
import { fromRow, type StoredFunction, toRow } from "./stored-function.ts";

const TABLE = "cloudfunctions_functions";
const ROWS_PER_READ = 500;

/** The tables of Cloud Functions. */
export const migrations: readonly Migration[] = [resourceTableMigration("001-functions", TABLE)];

/** Functions by full name. */
export interface FunctionTable {
  get(name: string, transaction?: StoreTransaction): Promise<StoredFunction | undefined>;
  /** Rejects with DuplicateResourceError when the name exists. */
  insert(transaction: StoreTransaction, stored: StoredFunction): Promise<void>;
  /** Rejects with StaleResourceError when somebody else has written since `stored` was read. */
  update(transaction: StoreTransaction, stored: StoredFunction): Promise<StoredFunction>;
  delete(transaction: StoreTransaction, name: string): Promise<void>;
  /** Every function of a location, or of all with "-", by name. */
  list(parent: string): AsyncIterable<StoredFunction>;
  /** Names of the functions with work under way. */
  unfinishedNames(): Promise<string[]>;
}

/** Everything that is read and written about functions. */
export function createFunctionTable(store: Store, nowMs: () => number): FunctionTable {
  const rows = createResourceTable(store, TABLE);
  return {
    async get(name, transaction) {
      const row = await rows.get(name, transaction);
      return row && fromRow(row);
    },
    insert: (transaction, stored) => rows.insert(transaction, toRow(stored, nowMs())),
    async update(transaction, stored) {
      const { version } = await rows.update(transaction, toRow(stored, nowMs()));
      return { ...stored, version };
    },
    async delete(transaction, name) {
      await rows.delete(transaction, name);
    },
    async *list(parent) {
      let after: { readonly name: string } | undefined;
      for (;;) {
        const page = await rows.list({ parent, limit: ROWS_PER_READ, ...(after && { after }) });
        yield* page.map(fromRow);
        after = page.at(-1);
        if (page.length < ROWS_PER_READ) return;
      }
    },
    unfinishedNames: () => rows.unfinishedNames(),
  };
}
