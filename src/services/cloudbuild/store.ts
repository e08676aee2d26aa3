import { sql } from "kysely";
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
  /** Names of a location's builds whose stored JSON holds `text`, the newest first. */
  namesHolding(parent: string, text: string): Promise<string[]>;
}

interface Tables {
  [TABLE]: { name: string; parent: string; message: string; unfinished: number; create_time_ms: number };
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
    async namesHolding(parent, text) {
      const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      const rows = await store
        .read<Tables>()
        .selectFrom(TABLE)
        .select("name")
        .where("parent", "=", parent)
        .where(sql<boolean>`message like ${pattern} escape '\\'`)
        .orderBy("create_time_ms", "desc")
        .orderBy("name", "desc")
        .execute();
      return rows.map(({ name }) => name);
    },
  };
}
