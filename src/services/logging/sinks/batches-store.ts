import type { Generated } from "kysely";
import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";

const TABLE = "logging_batches";

/** An entry that waits for the end of its hour. */
export interface BatchRow {
  readonly id: number;
  /** What goes into one file. */
  readonly batch: string;
  /** The entry's JSON. */
  readonly message: string;
}

interface Tables {
  [TABLE]: Omit<BatchRow, "id"> & { id: Generated<number> };
}

/** Every SQL statement of batches. */
export interface BatchStore {
  insert(transaction: StoreTransaction, rows: readonly Omit<BatchRow, "id">[]): Promise<void>;
  oldest(batch: string, limit: number): Promise<BatchRow[]>;
  /** Forgets rows; after a power failure they may be back. */
  delete(ids: readonly number[]): Promise<void>;
}

export const batchesMigration: Migration = {
  name: "004-batches",
  async up({ schema }) {
    await schema
      .createTable(TABLE)
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("batch", "text", (column) => column.notNull())
      .addColumn("message", "text", (column) => column.notNull())
      .execute();
    await schema.createIndex("logging_batches_by_batch").on(TABLE).columns(["batch", "id"]).execute();
  },
};

export function createBatchStore(store: Store): BatchStore {
  return {
    async insert(transaction, rows) {
      await transaction
        .as<Tables>()
        .insertInto(TABLE)
        .values([...rows])
        .execute();
    },
    oldest: (batch, limit) =>
      store
        .read<Tables>()
        .selectFrom(TABLE)
        .selectAll()
        .where("batch", "=", batch)
        .orderBy("id")
        .limit(limit)
        .execute(),
    delete: (ids) =>
      store.transactRelaxed(async (transaction) => {
        await transaction.as<Tables>().deleteFrom(TABLE).where("id", "in", ids).execute();
      }),
  };
}
