import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import { outboxMigration } from "../../wire/outbox/store.ts";
import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";

const SECRETS = "secretmanager_secrets";
const VERSIONS = "secretmanager_versions";
const PAYLOADS = "secretmanager_payloads";

/** Secrets, their versions, and what these hold. */
export interface SecretTables {
  readonly secrets: ResourceTable;
  readonly versions: ResourceTable;
  readonly payloads: Payloads;
}

/** Sealed payloads by the names of their versions. */
export interface Payloads {
  get(name: string): Promise<Buffer | undefined>;
  put(transaction: StoreTransaction, name: string, sealed: Uint8Array): Promise<void>;
  delete(transaction: StoreTransaction, name: string): Promise<void>;
}

interface Tables {
  [PAYLOADS]: { name: string; sealed: string };
}

/** What is to be told of secrets. */
export const OUTBOX_TABLE = "secretmanager_outbox";

/** The tables of Secret Manager. */
export const migrations: readonly Migration[] = [
  resourceTableMigration("001-secrets", SECRETS),
  resourceTableMigration("002-versions", VERSIONS),
  {
    name: "003-payloads",
    async up(database) {
      await database.schema
        .createTable(PAYLOADS)
        .addColumn("name", "text", (column) => column.primaryKey())
        // Base64 of what Seal made.
        .addColumn("sealed", "text", (column) => column.notNull())
        .execute();
    },
  },
  outboxMigration("004-outbox", OUTBOX_TABLE),
];

/** Every SQL statement of Secret Manager. */
export function createTables(store: Store): SecretTables {
  return {
    secrets: createResourceTable(store, SECRETS),
    versions: createResourceTable(store, VERSIONS),
    payloads: {
      async get(name) {
        const query = store.read<Tables>().selectFrom(PAYLOADS).select("sealed").where("name", "=", name);
        const row = await query.executeTakeFirst();
        return row && Buffer.from(row.sealed, "base64");
      },
      async put(transaction, name, sealed) {
        const row = { name, sealed: Buffer.from(sealed).toString("base64") };
        await transaction.as<Tables>().insertInto(PAYLOADS).values(row).execute();
      },
      async delete(transaction, name) {
        await transaction.as<Tables>().deleteFrom(PAYLOADS).where("name", "=", name).execute();
      },
    },
  };
}
