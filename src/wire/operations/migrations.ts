import type { Migration } from "../../platform/store/store.ts";

export const operationMigrations: readonly Migration[] = [
  {
    name: "001-operations",
    async up(database) {
      await database.schema
        .createTable("operations")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("service", "text", (column) => column.notNull())
        .addColumn("parent", "text", (column) => column.notNull())
        .addColumn("target", "text", (column) => column.notNull())
        .addColumn("done", "integer", (column) => column.notNull())
        .addColumn("version", "integer", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .addColumn("create_time_ms", "bigint", (column) => column.notNull())
        .execute();
      await database.schema.createIndex("operations_by_target").on("operations").columns(["target", "done"]).execute();
      await database.schema.createIndex("operations_by_parent").on("operations").columns(["parent", "name"]).execute();
    },
  },
  {
    name: "002-audit",
    async up({ schema }) {
      await schema.alterTable("operations").addColumn("audit", "text").execute();
    },
  },
];
