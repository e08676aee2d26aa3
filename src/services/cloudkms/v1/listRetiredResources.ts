import { RetiredResourceSchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { listPage } from "../list-page.ts";
import { checkName } from "../names.ts";
import { retiredOf } from "../retired.ts";

/** KeyManagementService.ListRetiredResources. */
export const listRetiredResources = (deps: Deps) =>
  rpc(
    KeyManagementService.method.listRetiredResources,
    { permission: "cloudkms.retiredResources.list", audit: "ADMIN_READ" },
    async (request) => {
      checkName("location", request.parent, "parent");
      const rows = await deps.retired.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
      const asked = { ...request, filter: "", orderBy: "" };
      const { page, nextPageToken, totalSize } = listPage(RetiredResourceSchema, rows.map(retiredOf), asked);
      return { retiredResources: page, nextPageToken, totalSize: BigInt(totalSize) };
    },
  );
