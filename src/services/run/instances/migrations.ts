import { resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { Migration } from "../../../platform/store/store.ts";

/** The table of instances. */
export const instanceMigrations: readonly Migration[] = [resourceTableMigration("instances-001", "run_instances")];
