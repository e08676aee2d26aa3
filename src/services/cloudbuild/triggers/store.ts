import type { Kysely } from "kysely";
import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";
import { createResourceTable, resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";

const TABLE = "cloudbuild_triggers";
const NAMES = "cloudbuild_trigger_names";

/** The tables of triggers. */
export const triggerMigrations: readonly Migration[] = [
  resourceTableMigration("002-triggers", TABLE),
  { name: "003-trigger-names", up: createNames },
];

/** Triggers by resource name, and the names that users give them. */
export interface TriggerTable extends ResourceTable {
  /** The key of the trigger that a user calls so. */
  keyOfName(parent: string, name: string, transaction?: StoreTransaction): Promise<string | undefined>;
  /** Gives a trigger its user's name in place of the one it has; false when another trigger has that one. */
  rename(transaction: StoreTransaction, parent: string, name: string, key: string): Promise<boolean>;
  /** Deletes the trigger and its user's name. */
  remove(transaction: StoreTransaction, key: string): Promise<void>;
}

interface Tables {
  [NAMES]: { parent: string; name: string; key: string };
}

/** Every SQL statement of triggers. */
export function createTriggerTable(store: Store): TriggerTable {
  const table = createResourceTable(store, TABLE);
  return {
    ...table,
    async keyOfName(parent, name, transaction) {
      const [row] = await (transaction?.as<Tables>() ?? store.read<Tables>())
        .selectFrom(NAMES)
        .select("key")
        .where("parent", "=", parent)
        .where("name", "=", name)
        .execute();
      return row?.key;
    },
    async rename(transaction, parent, name, key) {
      const database = transaction.as<Tables>();
      await database.deleteFrom(NAMES).where("key", "=", key).execute();
      const result = await database
        .insertInto(NAMES)
        .values({ parent, name, key })
        .onConflict((conflict) => conflict.columns(["parent", "name"]).doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    async remove(transaction, key) {
      await table.delete(transaction, key);
      await transaction.as<Tables>().deleteFrom(NAMES).where("key", "=", key).execute();
    },
  };
}

async function createNames(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable(NAMES)
    .addColumn("parent", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull().unique())
    .addPrimaryKeyConstraint(`${NAMES}_key`, ["parent", "name"])
    .execute();
}
