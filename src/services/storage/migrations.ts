import { sql } from "kysely";
import type { Migration } from "../../platform/store/store.ts";
import { outboxMigration } from "../../wire/outbox/store.ts";

/** Notifications that are not published yet. */
export const OUTBOX_TABLE = "storage_outbox";

/** Tables of Cloud Storage: buckets, objects (one row per generation) and resumable uploads. */
export const storageMigrations: readonly Migration[] = [
  {
    name: "001-buckets-objects-uploads",
    async up(database) {
      const { schema } = database;
      await schema
        .createTable("storage_buckets")
        .addColumn("name", "text", (column) => column.primaryKey().notNull())
        .addColumn("project", "text", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .execute();
      await schema
        .createIndex("storage_buckets_by_project")
        .on("storage_buckets")
        .columns(["project", "name"])
        .execute();
      await schema
        .createTable("storage_objects")
        .addColumn("bucket", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("generation", "bigint", (column) => column.notNull())
        .addColumn("live", "integer", (column) => column.notNull())
        .addColumn("content", "text", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("storage_objects_key", ["bucket", "name", "generation"])
        .execute();
      await schema
        .createIndex("storage_objects_live")
        .unique()
        .on("storage_objects")
        .columns(["bucket", "name"])
        .where(sql.ref("live"), "=", sql.lit(1))
        .execute();
      await schema.createIndex("storage_objects_by_content").on("storage_objects").column("content").execute();
      await schema
        .createTable("storage_uploads")
        .addColumn("id", "text", (column) => column.primaryKey().notNull())
        .addColumn("bucket", "text", (column) => column.notNull())
        .addColumn("content", "text", (column) => column.notNull())
        .addColumn("spec", "text", (column) => column.notNull())
        .addColumn("result", "text")
        .addColumn("create_time_ms", "bigint", (column) => column.notNull())
        .execute();
      await schema.createIndex("storage_uploads_by_content").on("storage_uploads").column("content").execute();
    },
  },
  {
    name: "002-notification-configs",
    async up({ schema }) {
      // In the bucket's row, which every change of an object reads anyway.
      await schema.alterTable("storage_buckets").addColumn("notifications", "text").execute();
    },
  },
  outboxMigration("003-outbox", OUTBOX_TABLE),
];
