import { CryptoKeyVersion_CryptoKeyVersionState as State } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { wrongState } from "../errors.ts";
import { findVersion } from "../find.ts";
import { saveVersion } from "../version.ts";

/** KeyManagementService.RestoreCryptoKeyVersion: calls a destruction off; the version is DISABLED then. */
export const restoreCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.restoreCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.restore", audit: "ADMIN_WRITE" },
    ({ name }) =>
      deps.store.transact(async (transaction) => {
        const { row, message } = await findVersion(deps, name, transaction);
        if (message.state !== State.DESTROY_SCHEDULED) throw wrongState(message, [State.DESTROY_SCHEDULED]);
        const { destroyTime: _, ...rest } = message;
        return saveVersion(deps, transaction, row, { ...rest, state: State.DISABLED });
      }),
  );
