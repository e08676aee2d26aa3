import { CryptoKeyVersionSchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { listPage } from "../list-page.ts";
import { checkName } from "../names.ts";
import { findKey } from "../find.ts";
import { versionOf, versionsOf } from "../version.ts";

/** KeyManagementService.ListCryptoKeyVersions, in order of their numbers. */
export const listCryptoKeyVersions = (deps: Deps) =>
  rpc(
    KeyManagementService.method.listCryptoKeyVersions,
    { permission: "cloudkms.cryptoKeyVersions.list", audit: "ADMIN_READ" },
    async (request) => {
      checkName("cryptoKey", request.parent, "parent");
      await findKey(deps, request.parent);
      const found = (await versionsOf(deps, request.parent)).map(versionOf);
      const { page, ...rest } = listPage(CryptoKeyVersionSchema, found, request);
      return { cryptoKeyVersions: page, ...rest };
    },
  );
