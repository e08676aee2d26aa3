import { KeyRingSchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { listPage } from "../list-page.ts";
import { checkName } from "../names.ts";
import { keyRingOf } from "../find.ts";

/** KeyManagementService.ListKeyRings, in order of their names. */
export const listKeyRings = (deps: Deps) =>
  rpc(
    KeyManagementService.method.listKeyRings,
    { permission: "cloudkms.keyRings.list", audit: "ADMIN_READ" },
    async (request) => {
      checkName("location", request.parent, "parent");
      const found = (await deps.keyRings.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER })).map(
        keyRingOf,
      );
      const { page, ...rest } = listPage(KeyRingSchema, found, request);
      return { keyRings: page, ...rest };
    },
  );
