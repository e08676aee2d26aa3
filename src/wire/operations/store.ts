import type { Store, StoreTransaction } from "../../platform/store/store.ts";

export interface OperationRow {
  readonly name: string;
  /** ServiceModule name, for example "cloudfunctions". */
  readonly service: string;
  /** projects/P/locations/L */
  readonly parent: string;
  /** Full name of the resource that the operation works on. */
  readonly target: string;
  readonly done: 0 | 1;
  /** Raised by each write. */
  readonly version: number;
  /** Canonical JSON of google.longrunning.Operation. */
  readonly message: string;
  readonly create_time_ms: number;
  /** Whose call it is, for the audit log; null until that is noted. */
  readonly audit: string | null;
}

interface Tables {
  operations: OperationRow;
}

export interface OperationQuery {
  readonly service: string | undefined;
  readonly parent: string;
  readonly afterName: string | undefined;
  readonly limit: number;
}

/** All SQL of long-running operations. */
export function createOperationStore(store: Store) {
  const database = (transaction?: StoreTransaction) => transaction?.as<Tables>() ?? store.read<Tables>();
  return {
    get: (name: string, transaction?: StoreTransaction) =>
      database(transaction).selectFrom("operations").selectAll().where("name", "=", name).executeTakeFirst(),

    async insert(transaction: StoreTransaction, row: OperationRow): Promise<void> {
      await database(transaction).insertInto("operations").values(row).execute();
    },

    async update(transaction: StoreTransaction, row: OperationRow): Promise<void> {
      const { name, ...changes } = row;
      await database(transaction).updateTable("operations").set(changes).where("name", "=", name).execute();
    },

    async delete(name: string): Promise<boolean> {
      const [result] = await store.transact((transaction) =>
        database(transaction).deleteFrom("operations").where("name", "=", name).execute(),
      );
      return Number(result?.numDeletedRows ?? 0) > 0;
    },

    unfinishedOf: (target: string, transaction: StoreTransaction) =>
      database(transaction)
        .selectFrom("operations")
        .selectAll()
        .where("target", "=", target)
        .where("done", "=", 0)
        .orderBy("create_time_ms")
        .execute(),

    list({ service, parent, afterName, limit }: OperationQuery) {
      let query = database().selectFrom("operations").selectAll().orderBy("name").limit(limit);
      query = parent.endsWith("/locations/-")
        ? query.where("parent", "like", `${parent.slice(0, -1)}%`)
        : query.where("parent", "=", parent);
      if (service !== undefined) query = query.where("service", "=", service);
      return (afterName === undefined ? query : query.where("name", ">", afterName)).execute();
    },
  };
}

export type OperationStore = ReturnType<typeof createOperationStore>;
