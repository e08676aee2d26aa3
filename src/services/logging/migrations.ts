import { resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import { batchesMigration } from "./sinks/batches-store.ts";
import { outboxMigration } from "../../wire/outbox/store.ts";
import type { Migration } from "../../platform/store/store.ts";

/** Entries that sinks have not exported yet. */
export const OUTBOX_TABLE = "logging_outbox";
export const SINKS_TABLE = "logging_sinks";

/** Tables of Cloud Logging. */
export const loggingMigrations: readonly Migration[] = [
  {
    name: "001-log-entries",
    async up(database) {
      await database.schema
        .createTable("log_entries")
        .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("project", "text", (column) => column.notNull())
        .addColumn("log_name", "text", (column) => column.notNull())
        .addColumn("timestamp_ms", "bigint", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .execute();
      await database.schema
        .createIndex("log_entries_by_time")
        .on("log_entries")
        .columns(["project", "timestamp_ms", "id"])
        .execute();
    },
  },
  resourceTableMigration("002-sinks", SINKS_TABLE),
  outboxMigration("003-outbox", OUTBOX_TABLE),
  batchesMigration,
];
