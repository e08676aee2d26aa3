import { createResourceTable } from "../../../platform/store/create-resource-table.ts";
import type { ResourceQuery, ResourceRow, ResourceTable } from "../../../platform/store/resource-table.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { ChangeLog } from "./change-log.ts";

/** A row that knows the number of the change that wrote it; 0 for one that is older than the log. */
export interface WatchedRow extends ResourceRow {
  readonly sequence: number;
}

/** A resource table each of whose writes is a change that watches hear of. */
export interface WatchedTable extends Omit<ResourceTable, "get" | "insert" | "update" | "list"> {
  get(name: string, transaction?: StoreTransaction): Promise<WatchedRow | undefined>;
  insert(transaction: StoreTransaction, row: ResourceRow): Promise<WatchedRow>;
  update(transaction: StoreTransaction, row: ResourceRow): Promise<WatchedRow>;
  list(query: ResourceQuery, transaction?: StoreTransaction): Promise<WatchedRow[]>;
}

/** The watched resource table called `tableName`, which a resourceTableMigration has made. */
export function createWatchedTable(store: Store, tableName: string, changes: ChangeLog): WatchedTable {
  const table = createResourceTable(store, tableName);
  return {
    async get(name, transaction) {
      const row = await table.get(name, transaction);
      return row && watchedRowOf(row);
    },
    list: async (query, transaction) => (await table.list(query, transaction)).map(watchedRowOf),
    unfinishedNames: () => table.unfinishedNames(),
    async insert(transaction, given) {
      const sequence = await changes.next(transaction);
      const row = numbered(given, sequence);
      await table.insert(transaction, row);
      await changes.note(transaction, tableName, { sequence, type: "ADDED", row });
      return watchedRowOf(row);
    },
    async update(transaction, given) {
      const before = await table.get(given.name, transaction);
      const sequence = await changes.next(transaction);
      const row = await table.update(transaction, numbered(given, sequence));
      await changes.note(transaction, tableName, { sequence, type: "MODIFIED", row, ...(before && { before }) });
      return watchedRowOf(row);
    },
    async delete(transaction, name) {
      const last = await table.get(name, transaction);
      if (!last || !(await table.delete(transaction, name))) return false;
      const sequence = await changes.next(transaction);
      await changes.note(transaction, tableName, { sequence, type: "DELETED", row: numbered(plain(last), sequence) });
      return true;
    },
  };
}

/** The number stands in front of the message, which is the JSON of an object. */
const NUMBER = /^\{"sequence":(\d+),/;

/** A row as the change log or the table keeps it, with the number taken out of its message. */
export function watchedRowOf(row: ResourceRow): WatchedRow {
  return { ...plain(row), sequence: Number(NUMBER.exec(row.message)?.[1] ?? 0) };
}

function plain(row: ResourceRow): ResourceRow {
  return { ...row, message: row.message.replace(NUMBER, "{") };
}

function numbered(row: ResourceRow, sequence: number): ResourceRow {
  return { ...row, message: `{"sequence":${sequence},${row.message.slice(1)}` };
}
