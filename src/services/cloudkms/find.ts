import { fromJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type CryptoKey,
  type CryptoKeyVersion,
  CryptoKeyVersion_CryptoKeyVersionState as State,
  type ImportJob,
  type KeyRing,
  KeyRingSchema,
} from "../../gen/google/cloud/kms/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Algorithm } from "./algorithms/algorithm.ts";
import { algorithmNamed } from "./algorithms/algorithms.ts";
import { storedKeyOf } from "./crypto-key.ts";
import type { Deps } from "./deps.ts";
import { notEnabled, resourceNotFound, wrongPurpose } from "./errors.ts";
import { importJobOf } from "./import-job.ts";
import { checkName, keyNameOf } from "./names.ts";
import { versionOf } from "./version.ts";

export interface Found<Message> {
  readonly row: ResourceRow;
  readonly message: Message;
}

/** The key ring of that name; NOT_FOUND. */
export async function findKeyRing(deps: Deps, name: string, transaction?: StoreTransaction): Promise<KeyRing> {
  checkName("keyRing", name);
  const row = await deps.keyRings.get(name, transaction);
  if (!row) throw resourceNotFound("KeyRing", name);
  return keyRingOf(row);
}

/** A key ring as the API answers it. */
export function keyRingOf(row: ResourceRow): KeyRing {
  const ring = fromJsonString(KeyRingSchema, row.message);
  return { ...ring, name: row.name, createTime: timestampFromMs(row.createTimeMs) };
}

/** The crypto key of that name, as stored; NOT_FOUND. */
export async function findKey(deps: Deps, name: string, transaction?: StoreTransaction): Promise<Found<CryptoKey>> {
  checkName("cryptoKey", name);
  const row = await deps.cryptoKeys.get(name, transaction);
  if (!row) throw resourceNotFound("CryptoKey", name);
  return { row, message: storedKeyOf(row) };
}

/** The version of that name; NOT_FOUND. */
export async function findVersion(
  deps: Deps,
  name: string,
  transaction?: StoreTransaction,
): Promise<Found<CryptoKeyVersion>> {
  checkName("version", name);
  const row = await deps.versions.get(name, transaction);
  if (!row) throw resourceNotFound("CryptoKeyVersion", name);
  return { row, message: versionOf(row) };
}

/** The import job of that name; NOT_FOUND. */
export async function findImportJob(
  deps: Deps,
  name: string,
  transaction?: StoreTransaction,
): Promise<Found<ImportJob>> {
  checkName("importJob", name);
  const row = await deps.importJobs.get(name, transaction);
  if (!row) throw resourceNotFound("ImportJob", name);
  return { row, message: importJobOf(row) };
}

/** A version that can be used, and the material it stands for. */
export interface Usable<Kind extends Algorithm> {
  readonly row: ResourceRow;
  readonly version: CryptoKeyVersion;
  readonly algorithm: Kind;
  readonly material: Buffer;
}

/** Opens an enabled version of a key with that purpose; FAILED_PRECONDITION when it is in another state. */
export async function openVersion<Purpose extends Algorithm["purpose"]>(
  deps: Deps,
  name: string,
  purpose: Purpose,
): Promise<Usable<Extract<Algorithm, { readonly purpose: Purpose }>>> {
  const { row, message: version } = await findVersion(deps, name);
  const key = await findKey(deps, keyNameOf(name));
  if (key.message.purpose !== purpose) throw wrongPurpose(key.row.name, key.message.purpose, purpose);
  if (version.state !== State.ENABLED) throw notEnabled(version);
  const material = await deps.material.get(name);
  // Between the two reads it may have been destroyed.
  if (!material) throw notEnabled({ ...version, state: State.DESTROYED });
  const algorithm = algorithmNamed(version.algorithm) as Extract<Algorithm, { readonly purpose: Purpose }>;
  return { row, version, algorithm, material };
}
