import type { Migration, Store } from "../../../platform/store/store.ts";
import { createResourceTable, resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";

const TABLE = "cloudbuild_worker_pools";

/** The table of worker pools. */
export const workerPoolMigrations: readonly Migration[] = [resourceTableMigration("004-worker-pools", TABLE)];

/** Worker pools by resource name. */
export type WorkerPoolTable = ResourceTable;

/** Every SQL statement of worker pools. */
export function createWorkerPoolTable(store: Store): WorkerPoolTable {
  return createResourceTable(store, TABLE);
}
