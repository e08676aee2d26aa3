import { CryptoKeyVersion_CryptoKeyVersionState as State } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField, wrongState } from "../errors.ts";
import { findVersion } from "../find.ts";
import { saveVersion } from "../version.ts";

const CHANGEABLE: readonly State[] = [State.ENABLED, State.DISABLED];

/** KeyManagementService.UpdateCryptoKeyVersion: enables or disables a version. */
export const updateCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.updateCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.update", audit: "ADMIN_WRITE" },
    ({ cryptoKeyVersion, updateMask }) =>
      deps.store.transact(async (transaction) => {
        const { name, state } = cryptoKeyVersion!;
        const { row, message } = await findVersion(deps, name, transaction);
        const fixed = updateMask!.paths.find((path) => path !== "state");
        if (fixed !== undefined) throw invalidField("update_mask", `The field ${fixed} cannot be updated.`);
        if (!CHANGEABLE.includes(state))
          throw invalidField("crypto_key_version.state", "The state can be changed to ENABLED or DISABLED.");
        if (!CHANGEABLE.includes(message.state)) throw wrongState(message, CHANGEABLE);
        return saveVersion(deps, transaction, row, { ...message, state });
      }),
  );
