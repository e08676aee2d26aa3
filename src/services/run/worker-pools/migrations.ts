import { resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { Migration } from "../../../platform/store/store.ts";

/** The table of worker pools; their revisions are in the one of services' revisions. */
export const workerPoolMigrations: readonly Migration[] = [
  resourceTableMigration("worker-pools-001", "run_worker_pools"),
];
