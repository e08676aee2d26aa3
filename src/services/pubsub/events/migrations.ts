import type { Migration } from "../../../platform/store/store.ts";

/** Tables of what was delivered how, and of faults that were asked for. */
export const eventMigrations: readonly Migration[] = [
  {
    name: "events-001-attempts",
    async up(database) {
      await database.schema
        .createTable("pubsub_event_chunks")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("newest_ms", "integer", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("bytes", "integer", (column) => column.notNull())
        .addColumn("content", "blob", (column) => column.notNull())
        .execute();
    },
  },
  {
    name: "events-002-faults",
    async up(database) {
      await database.schema
        .createTable("pubsub_faults")
        .addColumn("subscription", "text", (column) => column.primaryKey())
        .addColumn("faults", "text", (column) => column.notNull())
        .execute();
    },
  },
];
