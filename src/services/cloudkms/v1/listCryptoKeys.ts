import { CryptoKeySchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { listPage } from "../list-page.ts";
import { checkName } from "../names.ts";
import { withPrimary } from "../crypto-key.ts";
import { findKeyRing } from "../find.ts";

/** KeyManagementService.ListCryptoKeys, in order of their names. */
export const listCryptoKeys = (deps: Deps) =>
  rpc(
    KeyManagementService.method.listCryptoKeys,
    { permission: "cloudkms.cryptoKeys.list", audit: "ADMIN_READ" },
    async (request) => {
      checkName("keyRing", request.parent, "parent");
      await findKeyRing(deps, request.parent);
      const rows = await deps.cryptoKeys.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
      const found = await Promise.all(rows.map((row) => withPrimary(deps, row)));
      const { page, ...rest } = listPage(CryptoKeySchema, found, request);
      return { cryptoKeys: page, ...rest };
    },
  );
