import { resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { Migration } from "../../platform/store/store.ts";

export const METRIC_DESCRIPTORS = "monitoring_metric_descriptors";

export const monitoringMigrations: readonly Migration[] = [
  resourceTableMigration("001-metric-descriptors", METRIC_DESCRIPTORS),
  {
    name: "002-time-series",
    async up(database) {
      await database.schema
        .createTable("monitoring_series")
        .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("project", "text", (column) => column.notNull())
        .addColumn("metric_type", "text", (column) => column.notNull())
        .addColumn("identity", "text", (column) => column.notNull())
        .addColumn("header", "text", (column) => column.notNull())
        .addUniqueConstraint("monitoring_series_identity", ["project", "identity"])
        .execute();
      await database.schema
        .createIndex("monitoring_series_by_metric")
        .on("monitoring_series")
        .columns(["project", "metric_type"])
        .execute();
      await database.schema
        .createTable("monitoring_points")
        .addColumn("series_id", "integer", (column) => column.notNull())
        .addColumn("end_ms", "bigint", (column) => column.notNull())
        .addColumn("start_ms", "bigint", (column) => column.notNull())
        .addColumn("value", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("monitoring_points_pk", ["series_id", "end_ms"])
        .execute();
      await database.schema.createIndex("monitoring_points_by_time").on("monitoring_points").column("end_ms").execute();
    },
  },
];
