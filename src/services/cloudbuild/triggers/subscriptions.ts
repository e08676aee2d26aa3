import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";

const TABLE = "cloudbuild_trigger_subscriptions";

/** The subscription that Cloud Build has made, or is about to make, for a trigger. */
export interface TriggerSubscription {
  /** The trigger's row. */
  readonly key: string;
  readonly subscription: string;
  /** What a push has to know in the place of a credential. */
  readonly secret: string;
}

export interface TriggerSubscriptions {
  get(key: string, transaction?: StoreTransaction): Promise<TriggerSubscription | undefined>;
  insert(transaction: StoreTransaction, row: TriggerSubscription): Promise<void>;
  delete(transaction: StoreTransaction, key: string): Promise<void>;
}

interface Tables {
  [TABLE]: TriggerSubscription;
}

export const triggerSubscriptionMigrations: readonly Migration[] = [
  {
    name: "005-trigger-subscriptions",
    async up({ schema }) {
      await schema
        .createTable(TABLE)
        .addColumn("key", "text", (column) => column.primaryKey().notNull())
        .addColumn("subscription", "text", (column) => column.notNull())
        .addColumn("secret", "text", (column) => column.notNull())
        .execute();
    },
  },
];

/** Every SQL statement of subscriptions of triggers. */
export function createTriggerSubscriptions(store: Store): TriggerSubscriptions {
  return {
    get: (key, transaction) =>
      (transaction?.as<Tables>() ?? store.read<Tables>())
        .selectFrom(TABLE)
        .selectAll()
        .where("key", "=", key)
        .executeTakeFirst(),
    async insert(transaction, row) {
      await transaction.as<Tables>().insertInto(TABLE).values(row).execute();
    },
    async delete(transaction, key) {
      await transaction.as<Tables>().deleteFrom(TABLE).where("key", "=", key).execute();
    },
  };
}
