import type { Kysely } from "kysely";
import type { Migration } from "../../../platform/store/store.ts";

/** The tables of service accounts, their keys, and revoked tokens. */
export const credentialMigrations: readonly Migration[] = [
  {
    name: "001-service-accounts",
    async up(database) {
      await createAccounts(database);
      await createKeys(database);
      await database.schema
        .createTable("revoked_tokens")
        .addColumn("digest", "text", (column) => column.primaryKey().notNull())
        .addColumn("expire_time_ms", "integer")
        .execute();
    },
  },
];

async function createAccounts(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("service_accounts")
    .addColumn("email", "text", (column) => column.primaryKey().notNull())
    .addColumn("unique_id", "text", (column) => column.notNull().unique())
    .addColumn("project_id", "text", (column) => column.notNull())
    .addColumn("display_name", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("disabled", "integer", (column) => column.notNull())
    .addColumn("deleted", "integer", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex("service_accounts_by_project")
    .on("service_accounts")
    .columns(["project_id", "email"])
    .execute();
}

async function createKeys(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("service_account_keys")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("disabled", "integer", (column) => column.notNull())
    .addColumn("certificate", "text", (column) => column.notNull())
    .addColumn("private_key", "text")
    .addColumn("valid_after_time_ms", "integer", (column) => column.notNull())
    .addColumn("valid_before_time_ms", "integer", (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex("service_account_keys_by_email")
    .on("service_account_keys")
    .columns(["email", "valid_after_time_ms"])
    .execute();
}
