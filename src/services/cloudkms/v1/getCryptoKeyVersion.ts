import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findVersion } from "../find.ts";

/** KeyManagementService.GetCryptoKeyVersion. */
export const getCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.getCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.get", audit: "ADMIN_READ" },
    async ({ name }) => (await findVersion(deps, name)).message,
  );
