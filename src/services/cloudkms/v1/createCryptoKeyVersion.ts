import { CryptoKeyVersion_CryptoKeyVersionState as State } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { failedPrecondition, unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../errors.ts";
import { findKey } from "../find.ts";
import { addVersion, versionOf } from "../version.ts";

/** KeyManagementService.CreateCryptoKeyVersion: the next version; the primary one stays as it is. */
export const createCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.createCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.create", audit: "ADMIN_WRITE" },
    ({ parent, cryptoKeyVersion }) =>
      deps.store.transact(async (transaction) => {
        const { message: key } = await findKey(deps, parent, transaction);
        if (key.importOnly) throw failedPrecondition(`CryptoKey ${parent} may contain imported versions only.`);
        const { state, externalProtectionLevelOptions } = cryptoKeyVersion!;
        if (externalProtectionLevelOptions)
          throw unsupportedField("crypto_key_version.external_protection_level_options");
        if (![State.CRYPTO_KEY_VERSION_STATE_UNSPECIFIED, State.ENABLED, State.DISABLED].includes(state))
          throw invalidField("crypto_key_version.state", "A new version is ENABLED or DISABLED.");
        return versionOf(await addVersion(deps, transaction, key, { state }));
      }),
  );
