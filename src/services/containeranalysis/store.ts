import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { Migration, Store } from "../../platform/store/store.ts";

const NOTES = "containeranalysis_notes";
const OCCURRENCES = "containeranalysis_occurrences";

/** The tables of Container Analysis. */
export const migrations: readonly Migration[] = [
  resourceTableMigration("001-notes", NOTES),
  resourceTableMigration("002-occurrences", OCCURRENCES),
];

/** Notes and occurrences by name. */
export function createTables(store: Store) {
  return { notes: createResourceTable(store, NOTES), occurrences: createResourceTable(store, OCCURRENCES) };
}
