import { resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { Migration } from "../../platform/store/store.ts";
import { changeMigration } from "./changes/change-log.ts";
import { instanceMigrations } from "./instances/migrations.ts";
import { jobMigrations } from "./jobs/migrations.ts";
import { workerPoolMigrations } from "./worker-pools/migrations.ts";

/** Tables of services/run. */
export const runMigrations: readonly Migration[] = [
  resourceTableMigration("001-services", "run_services"),
  resourceTableMigration("002-revisions", "run_revisions"),
  ...jobMigrations,
  changeMigration,
  ...workerPoolMigrations,
  ...instanceMigrations,
];
