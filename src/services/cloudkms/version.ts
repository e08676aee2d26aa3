import { create, fromJsonString, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { CryptoKeyVersion_CryptoKeyVersionAlgorithm as Name } from "../../gen/google/cloud/kms/v1/resources_pb.js";
import {
  type CryptoKey,
  CryptoKey_CryptoKeyPurpose as Purpose,
  type CryptoKeyVersion,
  CryptoKeyVersion_CryptoKeyVersionState as State,
  CryptoKeyVersionSchema,
  ProtectionLevel,
} from "../../gen/google/cloud/kms/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { algorithmNamed } from "./algorithms/algorithms.ts";
import type { Deps } from "./deps.ts";
import { VERSION_KIND } from "./deps.ts";
import { changedRow, newRow } from "./rows.ts";

/** A version as the API answers it. */
export function versionOf(row: ResourceRow): CryptoKeyVersion {
  const message = fromJsonString(CryptoKeyVersionSchema, row.message);
  return { ...message, name: row.name, createTime: timestampFromMs(row.createTimeMs) };
}

/** The number of a version's name. */
export function numberOf({ name }: { readonly name: string }): number {
  return Number(name.slice(name.lastIndexOf("/") + 1));
}

/** All versions of a key, in order of their numbers. */
export async function versionsOf(
  { versions }: Pick<Deps, "versions">,
  keyName: string,
  transaction?: StoreTransaction,
): Promise<ResourceRow[]> {
  const rows = await versions.list({ parent: keyName, limit: Number.MAX_SAFE_INTEGER }, transaction);
  return rows.toSorted((one, other) => numberOf(one) - numberOf(other));
}

/**
 * Adds the next version of a key. Keys of random bytes can be used at once; private keys take their time, so that they are
 * PENDING_GENERATION until a wake-up has made them.
 */
export async function addVersion(
  deps: Deps,
  transaction: StoreTransaction,
  key: CryptoKey,
  given: MessageInitShape<typeof CryptoKeyVersionSchema> = {},
): Promise<ResourceRow> {
  const algorithm = key.versionTemplate!.algorithm;
  const nowMs = deps.clock.nowMs();
  const isQuick = algorithmNamed(algorithm)!.publicKey === undefined;
  const generated = isQuick ? { state: given.state || State.ENABLED, generateTime: timestampFromMs(nowMs) } : {};
  const row = await insertVersion(deps, transaction, key.name, {
    algorithm,
    state: State.PENDING_GENERATION,
    ...generated,
  });
  if (isQuick) await deps.material.put(transaction, row.name, await algorithmNamed(algorithm)!.generate());
  else await deps.wakeups.wake(transaction, VERSION_KIND, row.name);
  return row;
}

/** Inserts a version with the next number. */
export async function insertVersion(
  deps: Deps,
  transaction: StoreTransaction,
  keyName: string,
  init: MessageInitShape<typeof CryptoKeyVersionSchema> & { readonly algorithm: Name; readonly state: State },
): Promise<ResourceRow> {
  const numbers = (await versionsOf(deps, keyName, transaction)).map(numberOf);
  const name = `${keyName}/cryptoKeyVersions/${Math.max(0, ...numbers) + 1}`;
  const message = create(CryptoKeyVersionSchema, { ...init, protectionLevel: ProtectionLevel.SOFTWARE });
  const isPending = init.state === State.PENDING_GENERATION;
  const row = newRow(
    CryptoKeyVersionSchema,
    message,
    { name, uid: deps.ids.uuid(), nowMs: deps.clock.nowMs() },
    isPending,
  );
  await deps.versions.insert(transaction, row);
  return row;
}

/** Writes a changed version; one that is still unfinished stays so. */
export async function saveVersion(
  deps: Deps,
  transaction: StoreTransaction,
  row: ResourceRow,
  version: CryptoKeyVersion,
): Promise<CryptoKeyVersion> {
  const changed = changedRow(row, CryptoKeyVersionSchema, version, deps.clock.nowMs());
  return versionOf(await deps.versions.update(transaction, changed));
}

/** Whether keys of that purpose have a primary version. */
export function hasPrimary(purpose: Purpose): boolean {
  return purpose === Purpose.ENCRYPT_DECRYPT;
}
