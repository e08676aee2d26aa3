import {
  CryptoKeySchema,
  CryptoKeyVersion_CryptoKeyVersionState as State,
  CryptoKey_CryptoKeyPurpose as Purpose,
} from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { keyWithPrimary, withPrimary } from "../crypto-key.ts";
import type { Deps } from "../deps.ts";
import { notEnabled, wrongPurpose } from "../errors.ts";
import { findKey, findVersion } from "../find.ts";
import { changedRow } from "../rows.ts";
import { hasPrimary } from "../version.ts";

/** KeyManagementService.UpdateCryptoKeyPrimaryVersion: what Encrypt uses from now on. */
export const updateCryptoKeyPrimaryVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.updateCryptoKeyPrimaryVersion,
    { permission: "cloudkms.cryptoKeys.update", audit: "ADMIN_WRITE" },
    async ({ name, cryptoKeyVersionId }) => {
      const row = await deps.store.transact(async (transaction) => {
        const { row, message: key } = await findKey(deps, name, transaction);
        if (!hasPrimary(key.purpose)) throw wrongPurpose(name, key.purpose, Purpose.ENCRYPT_DECRYPT);
        const versionName = `${name}/cryptoKeyVersions/${cryptoKeyVersionId}`;
        const { message: version } = await findVersion(deps, versionName, transaction);
        if (version.state !== State.ENABLED) throw notEnabled(version);
        const changed = keyWithPrimary(key, versionName);
        return deps.cryptoKeys.update(transaction, changedRow(row, CryptoKeySchema, changed, deps.clock.nowMs()));
      });
      return withPrimary(deps, row);
    },
  );
