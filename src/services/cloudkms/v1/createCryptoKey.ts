import { clone, create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type CryptoKey,
  CryptoKey_CryptoKeyPurpose as Purpose,
  CryptoKeySchema,
  CryptoKeyVersion_CryptoKeyVersionAlgorithm as Name,
  CryptoKeyVersionTemplateSchema,
  ProtectionLevel,
} from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { failedPrecondition } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { keyWithPrimary, rotationMs, withPrimary } from "../crypto-key.ts";
import { CRYPTO_KEY_KIND, type Deps } from "../deps.ts";
import { invalidField, resourceExists } from "../errors.ts";
import { findKeyRing } from "../find.ts";
import { DESTROY_SCHEDULED_MS } from "../limits.ts";
import { childName } from "../names.ts";
import { isRetired } from "../retired.ts";
import { newRow } from "../rows.ts";
import { validateKey } from "../validate.ts";
import { addVersion, hasPrimary } from "../version.ts";

/** KeyManagementService.CreateCryptoKey: a key with its first version, unless that is not wanted. */
export const createCryptoKey = (deps: Deps) =>
  rpc(
    KeyManagementService.method.createCryptoKey,
    { permission: "cloudkms.cryptoKeys.create", audit: "ADMIN_WRITE" },
    async ({ parent, cryptoKeyId, cryptoKey, skipInitialVersionCreation }) => {
      await findKeyRing(deps, parent);
      const name = childName(parent, "cryptoKeys", cryptoKeyId, "crypto_key_id");
      const nowMs = deps.clock.nowMs();
      const key = withDefaults(cryptoKey!);
      validateKey(key, nowMs);
      if (key.importOnly && !skipInitialVersionCreation)
        throw invalidField(
          "skip_initial_version_creation",
          "skip_initial_version_creation must be set for keys that are import_only.",
        );
      const given = newRow(CryptoKeySchema, key, { name, uid: deps.ids.uuid(), nowMs });
      const row = await insert(deps, given, { ...key, name }, skipInitialVersionCreation);
      return withPrimary(deps, row);
    },
  );

function insert(deps: Deps, given: ResourceRow, key: CryptoKey, withoutVersion: boolean): Promise<ResourceRow> {
  return deps.store.transact(async (transaction) => {
    if (await deps.cryptoKeys.get(given.name, transaction)) throw resourceExists("CryptoKey", given.name);
    if (await isRetired(deps, transaction, given.name))
      throw failedPrecondition(`The name of the deleted CryptoKey ${given.name} cannot be used again.`);
    const version = withoutVersion ? undefined : await addVersion(deps, transaction, key);
    const isPrimary = version !== undefined && hasPrimary(key.purpose);
    const message = isPrimary ? keyWithPrimary(key, version.name) : key;
    const row = newRow(CryptoKeySchema, message, { name: given.name, uid: given.uid, nowMs: given.createTimeMs });
    await deps.cryptoKeys.insert(transaction, row);
    const dueMs = rotationMs(key);
    if (dueMs !== undefined) await deps.wakeups.wake(transaction, CRYPTO_KEY_KIND, key.name, dueMs);
    return row;
  });
}

/** Google: resources.proto, CryptoKeyVersionTemplate.algorithm and CryptoKey.destroy_scheduled_duration. */
function withDefaults(given: CryptoKey): CryptoKey {
  const key = clone(CryptoKeySchema, given);
  const implied =
    key.purpose === Purpose.ENCRYPT_DECRYPT
      ? Name.GOOGLE_SYMMETRIC_ENCRYPTION
      : Name.CRYPTO_KEY_VERSION_ALGORITHM_UNSPECIFIED;
  const { algorithm, protectionLevel } = key.versionTemplate ?? create(CryptoKeyVersionTemplateSchema);
  key.versionTemplate = create(CryptoKeyVersionTemplateSchema, {
    algorithm: algorithm || implied,
    protectionLevel: protectionLevel || ProtectionLevel.SOFTWARE,
  });
  key.destroyScheduledDuration ??= durationFromMs(DESTROY_SCHEDULED_MS.default);
  return key;
}
