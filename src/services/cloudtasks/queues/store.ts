import { createResourceTable, resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";

const QUEUES = "cloudtasks_queues";
const TOMBSTONES = "cloudtasks_tombstones";

/** Queues, and the names of queues and tasks that cannot be used again yet. */
export interface QueueTables {
  readonly queues: ResourceTable;
  readonly tombstones: Tombstones;
}

/** Names that are gone, by when they can be used again. */
export interface Tombstones {
  /** Whether the name is still taken at `nowMs`. */
  has(name: string, nowMs: number, transaction?: StoreTransaction): Promise<boolean>;
  put(transaction: StoreTransaction, names: readonly string[], expireMs: number): Promise<void>;
  /** Forgets names whose time is over. */
  deleteExpired(transaction: StoreTransaction, nowMs: number): Promise<void>;
}

interface Tables {
  [TOMBSTONES]: { name: string; expire_ms: number };
}

/** The tables of queues. */
export const queueMigrations: readonly Migration[] = [
  resourceTableMigration("001-queues", QUEUES),
  {
    name: "002-tombstones",
    async up(database) {
      await database.schema
        .createTable(TOMBSTONES)
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("expire_ms", "integer", (column) => column.notNull())
        .execute();
      await database.schema.createIndex(`${TOMBSTONES}_by_expire`).on(TOMBSTONES).column("expire_ms").execute();
    },
  },
];

/** Every SQL statement about queues. */
export function createQueueTables(store: Store): QueueTables {
  return {
    queues: createResourceTable(store, QUEUES),
    tombstones: {
      async has(name, nowMs, transaction) {
        const database = transaction ? transaction.as<Tables>() : store.read<Tables>();
        const query = database.selectFrom(TOMBSTONES).select("name").where("name", "=", name);
        return (await query.where("expire_ms", ">", nowMs).executeTakeFirst()) !== undefined;
      },
      async put(transaction, names, expire_ms) {
        if (names.length === 0) return;
        const insert = transaction
          .as<Tables>()
          .insertInto(TOMBSTONES)
          .values(names.map((name) => ({ name, expire_ms })));
        await insert.onConflict((conflict) => conflict.column("name").doUpdateSet({ expire_ms })).execute();
      },
      async deleteExpired(transaction, nowMs) {
        await transaction.as<Tables>().deleteFrom(TOMBSTONES).where("expire_ms", "<=", nowMs).execute();
      },
    },
  };
}
