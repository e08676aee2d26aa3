import { resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { Migration } from "../../../platform/store/store.ts";

/** Tables of jobs, their executions and the tasks of those. */
export const jobMigrations: readonly Migration[] = [
  resourceTableMigration("jobs-001-jobs", "run_jobs"),
  resourceTableMigration("jobs-002-executions", "run_executions"),
  resourceTableMigration("jobs-003-tasks", "run_tasks"),
];
