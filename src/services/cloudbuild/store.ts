import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";
import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";

const TABLE = "cloudbuild_builds";

/** The tables of Cloud Build. */
export const migrations: readonly Migration[] = [resourceTableMigration("001-builds", TABLE)];

/** Builds by name, and the order in which they wait. */
export interface BuildTable extends ResourceTable {
  /** Names of the unfinished builds, the oldest first. */
  oldestUnfinished(limit: number, transaction?: StoreTransaction): Promise<string[]>;
}

interface Tables {
  [TABLE]: { name: string; unfinished: number; create_time_ms: number };
}

/** Every SQL statement of Cloud Build. */
export function createBuildTable(store: Store): BuildTable {
  return {
    ...createResourceTable(store, TABLE),
    async oldestUnfinished(limit, transaction) {
      const rows = await (transaction?.as<Tables>() ?? store.read<Tables>())
        .selectFrom(TABLE)
        .select("name")
        .where("unfinished", "=", 1)
        .orderBy("create_time_ms")
        .orderBy("name")
        .limit(limit)
        .execute();
      return rows.map(({ name }) => name);
    },
  };
}
