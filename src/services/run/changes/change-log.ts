import type { Kysely } from "kysely";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";

/** Changes that are kept for watches; who is further behind lists anew. */
const KEPT_CHANGES = 1000;
const ONLY_ROW = 1;

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

/** One write of one row. */
export interface Change {
  /** Its number among all changes of all tables, from 1. */
  readonly sequence: number;
  readonly type: ChangeType;
  /** The row after the change; the last one before its deletion. */
  readonly row: ResourceRow;
  /** The row before a modification. */
  readonly before?: ResourceRow;
}

/** The newest changes of the tables of services/run, numbered in the order in which they were committed. */
export interface ChangeLog {
  /** The number of the newest change, 0 before the first one. */
  newest(): Promise<number>;
  /** At most `limit` changes of a table after the one with the number, oldest first; undefined when some are forgotten. */
  after(table: string, sequence: number, limit: number): Promise<readonly Change[] | undefined>;
  /** The number of the change that the transaction is about to make; each call counts on. */
  next(transaction: StoreTransaction): Promise<number>;
  /** Keeps a change as part of the transaction, and tells listeners once that is committed. */
  note(transaction: StoreTransaction, table: string, change: Change): Promise<void>;
  /** Calls back after each commit of a change by this process, until disposed. */
  onCommit(listener: () => void): Disposable;
}

interface Tables {
  readonly run_sequence: { id: number; value: number };
  readonly run_changes: { sequence: number; table_name: string; type: string; message: string; before: string };
}

/** The change log of a store, whose tables changeMigration has made. */
export function createChangeLog(store: Store): ChangeLog {
  const listeners = new Set<() => void>();
  const newest = async () => {
    const found = await store.read<Tables>().selectFrom("run_sequence").select("value").executeTakeFirst();
    return found?.value ?? 0;
  };
  return {
    newest,
    async after(table, sequence, limit) {
      const [last, kept] = [await newest(), await oldestKept(store.read())];
      if (sequence > last || sequence + 1 < (kept ?? last + 1)) return undefined;
      return changesAfter(store.read(), table, sequence, limit);
    },
    async next(transaction) {
      const database = transaction.as<Tables>();
      const raise = database.updateTable("run_sequence").set((row) => ({ value: row("value", "+", 1) }));
      await raise.where("id", "=", ONLY_ROW).execute();
      const { value } = await database.selectFrom("run_sequence").select("value").executeTakeFirstOrThrow();
      return value;
    },
    async note(transaction, table, { sequence, type, row, before }) {
      const database = transaction.as<Tables>();
      const texts = { message: JSON.stringify(row), before: before ? JSON.stringify(before) : "" };
      await database
        .insertInto("run_changes")
        .values({ sequence, table_name: table, type, ...texts })
        .execute();
      await database
        .deleteFrom("run_changes")
        .where("sequence", "<=", sequence - KEPT_CHANGES)
        .execute();
      transaction.afterCommit(() => {
        for (const listener of listeners) listener();
      });
    },
    onCommit(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

/** Makes the tables of the change log. */
export const changeMigration: Migration = {
  name: "changes-001",
  async up(untyped) {
    const database = untyped as Kysely<Tables>;
    await database.schema
      .createTable("run_sequence")
      .addColumn("id", "integer", (column) => column.primaryKey().notNull())
      .addColumn("value", "integer", (column) => column.notNull())
      .execute();
    await database.insertInto("run_sequence").values({ id: ONLY_ROW, value: 0 }).execute();
    await database.schema
      .createTable("run_changes")
      .addColumn("sequence", "integer", (column) => column.primaryKey().notNull())
      .addColumn("table_name", "text", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("message", "text", (column) => column.notNull())
      .addColumn("before", "text", (column) => column.notNull())
      .execute();
  },
};

async function oldestKept(database: Kysely<Tables>): Promise<number | undefined> {
  const oldest = database.selectFrom("run_changes").select("sequence").orderBy("sequence").limit(1);
  return (await oldest.executeTakeFirst())?.sequence;
}

async function changesAfter(database: Kysely<Tables>, table: string, sequence: number, limit: number) {
  const newer = database.selectFrom("run_changes").selectAll().where("sequence", ">", sequence);
  const found = await newer.where("table_name", "=", table).orderBy("sequence").limit(limit).execute();
  return found.map(({ type, message, before, sequence: number }): Change => {
    const change = { sequence: number, type: type as ChangeType, row: JSON.parse(message) as ResourceRow };
    return before === "" ? change : { ...change, before: JSON.parse(before) as ResourceRow };
  });
}
