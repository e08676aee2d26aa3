import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findKeyRing } from "../find.ts";

/** KeyManagementService.GetKeyRing. */
export const getKeyRing = (deps: Deps) =>
  rpc(
    KeyManagementService.method.getKeyRing,
    { permission: "cloudkms.keyRings.get", audit: "ADMIN_READ" },
    async ({ name }) => findKeyRing(deps, name),
  );
