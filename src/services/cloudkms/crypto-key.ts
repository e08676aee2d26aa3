import { create, fromJsonString } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type CryptoKey, CryptoKeySchema, CryptoKeyVersionSchema } from "../../gen/google/cloud/kms/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Deps } from "./deps.ts";
import { versionOf } from "./version.ts";

/** A key as it is stored: of its primary version only the name is known. */
export function storedKeyOf(row: ResourceRow): CryptoKey {
  const key = fromJsonString(CryptoKeySchema, row.message);
  return { ...key, name: row.name, createTime: timestampFromMs(row.createTimeMs) };
}

/** A key as the API answers it, with what its primary version is now. */
export async function withPrimary(
  { versions }: Pick<Deps, "versions">,
  row: ResourceRow,
  transaction?: StoreTransaction,
): Promise<CryptoKey> {
  const { primary, ...key } = storedKeyOf(row);
  const version = primary && (await versions.get(primary.name, transaction));
  return version ? { ...key, primary: versionOf(version) } : key;
}

/** The key with that version as its primary one. */
export function keyWithPrimary(key: CryptoKey, versionName: string): CryptoKey {
  return { ...key, primary: create(CryptoKeyVersionSchema, { name: versionName }) };
}

/** When a key is to be rotated next, milliseconds since the epoch; undefined: never. */
export function rotationMs({
  nextRotationTime,
}: {
  readonly nextRotationTime?: Timestamp | undefined;
}): number | undefined {
  return nextRotationTime && timestampMs(nextRotationTime);
}
