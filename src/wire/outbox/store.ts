import type { Generated } from "kysely";
import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";

/** A message on its way to a topic. */
export interface OutboxRow {
  readonly id: number;
  /** What one run publishes, in the order of ids. */
  readonly queue: string;
  /** JSON of google.pubsub.v1.PubsubMessage. */
  readonly message: string;
  readonly create_time_ms: number;
}

type Tables = Readonly<Record<string, Omit<OutboxRow, "id"> & { id: Generated<number> }>>;

/** The rows of one outbox. */
export interface OutboxStore {
  insert(transaction: StoreTransaction, rows: readonly Omit<OutboxRow, "id">[]): Promise<void>;
  /** The oldest rows of a queue, at most `limit`. */
  oldest(queue: string, limit: number): Promise<OutboxRow[]>;
  /** Forgets rows; after a power failure they may be back. */
  delete(ids: readonly number[]): Promise<void>;
}

/** The table of an outbox. */
export function outboxMigration(name: string, table: string): Migration {
  return {
    name,
    async up({ schema }) {
      await schema
        .createTable(table)
        .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("queue", "text", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .addColumn("create_time_ms", "bigint", (column) => column.notNull())
        .execute();
      await schema.createIndex(`${table}_by_queue`).on(table).columns(["queue", "id"]).execute();
    },
  };
}

export function createOutboxStore(store: Store, table: string): OutboxStore {
  return {
    async insert(transaction, rows) {
      await transaction
        .as<Tables>()
        .insertInto(table)
        .values([...rows])
        .execute();
    },
    oldest: (queue, limit) =>
      store
        .read<Tables>()
        .selectFrom(table)
        .selectAll()
        .where("queue", "=", queue)
        .orderBy("id")
        .limit(limit)
        .execute(),
    // By their ids: a row with a lower one may be committed after those that were read.
    delete: (ids) =>
      store.transactRelaxed(async (transaction) => {
        await transaction.as<Tables>().deleteFrom(table).where("id", "in", ids).execute();
      }),
  };
}
