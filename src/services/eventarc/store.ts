import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import type { Migration, Store } from "../../platform/store/store.ts";

const TRIGGERS = "eventarc_triggers";

/** What Eventarc keeps, by full names. */
export interface EventarcTables {
  readonly triggers: ResourceTable;
}

/** The tables of Eventarc. */
export const migrations: readonly Migration[] = [resourceTableMigration("001-triggers", TRIGGERS)];

/** Everything that is read and written about Eventarc's resources. */
export function createTables(store: Store): EventarcTables {
  return { triggers: createResourceTable(store, TRIGGERS) };
}
