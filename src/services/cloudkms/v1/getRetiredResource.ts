import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { notFound } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { retiredOf } from "../retired.ts";

/** KeyManagementService.GetRetiredResource. */
export const getRetiredResource = (deps: Deps) =>
  rpc(
    KeyManagementService.method.getRetiredResource,
    { permission: "cloudkms.retiredResources.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      const row = await deps.retired.get(name);
      if (!row) throw notFound(name, `RetiredResource ${name} not found.`);
      return retiredOf(row);
    },
  );
