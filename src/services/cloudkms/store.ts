import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import { createSealedTable, type SealedTable, sealedTableMigration } from "../../platform/store/sealed-table.ts";
import type { Seal } from "../../platform/seal.ts";
import type { Migration, Store } from "../../platform/store/store.ts";

const KEY_RINGS = "cloudkms_key_rings";
const CRYPTO_KEYS = "cloudkms_crypto_keys";
const VERSIONS = "cloudkms_versions";
const IMPORT_JOBS = "cloudkms_import_jobs";
const RETIRED = "cloudkms_retired_resources";
const MATERIAL = "cloudkms_material";

/** The rows of Cloud KMS. */
export interface KmsTables {
  readonly keyRings: ResourceTable;
  readonly cryptoKeys: ResourceTable;
  readonly versions: ResourceTable;
  readonly importJobs: ResourceTable;
  /** What remains of deleted keys. */
  readonly retired: ResourceTable;
  /** Key material of versions and import jobs, by their names. */
  readonly material: SealedTable;
}

/** The tables of Cloud KMS. */
export const migrations: readonly Migration[] = [
  resourceTableMigration("001-key-rings", KEY_RINGS),
  resourceTableMigration("002-crypto-keys", CRYPTO_KEYS),
  resourceTableMigration("003-versions", VERSIONS),
  resourceTableMigration("004-import-jobs", IMPORT_JOBS),
  sealedTableMigration("005-material", MATERIAL),
  resourceTableMigration("006-retired-resources", RETIRED),
];

/** Every SQL statement of Cloud KMS. */
export function createTables(store: Store, seal: Seal): KmsTables {
  return {
    keyRings: createResourceTable(store, KEY_RINGS),
    cryptoKeys: createResourceTable(store, CRYPTO_KEYS),
    versions: createResourceTable(store, VERSIONS),
    importJobs: createResourceTable(store, IMPORT_JOBS),
    retired: createResourceTable(store, RETIRED),
    material: createSealedTable(store, MATERIAL, seal),
  };
}
