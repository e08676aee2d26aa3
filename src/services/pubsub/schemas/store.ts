import { createResourceTable, resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { Migration, Store } from "../../../platform/store/store.ts";

const SCHEMAS = "pubsub_schemas";
const REVISIONS = "pubsub_schema_revisions";

/** Schemas, as their newest revisions, and all revisions, whose parents are the schemas. */
export interface SchemaTables {
  readonly schemas: ResourceTable;
  readonly revisions: ResourceTable;
}

/** The tables of schemas. */
export const schemaMigrations: readonly Migration[] = [
  resourceTableMigration("schemas-001-schemas", SCHEMAS),
  resourceTableMigration("schemas-002-revisions", REVISIONS),
];

/** The tables of schemas, which hold nothing but resources. */
export function createSchemaTables(store: Store): SchemaTables {
  return { schemas: createResourceTable(store, SCHEMAS), revisions: createResourceTable(store, REVISIONS) };
}
