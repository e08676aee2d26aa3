import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { withPrimary } from "../crypto-key.ts";
import { findKey } from "../find.ts";

/** KeyManagementService.GetCryptoKey. */
export const getCryptoKey = (deps: Deps) =>
  rpc(
    KeyManagementService.method.getCryptoKey,
    { permission: "cloudkms.cryptoKeys.get", audit: "ADMIN_READ" },
    async ({ name }) => withPrimary(deps, (await findKey(deps, name)).row),
  );
