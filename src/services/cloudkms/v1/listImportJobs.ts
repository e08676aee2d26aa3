import { ImportJobSchema } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { listPage } from "../list-page.ts";
import { checkName } from "../names.ts";
import { findKeyRing } from "../find.ts";
import { importJobOf } from "../import-job.ts";

/** KeyManagementService.ListImportJobs, in order of their names. */
export const listImportJobs = (deps: Deps) =>
  rpc(
    KeyManagementService.method.listImportJobs,
    { permission: "cloudkms.importJobs.list", audit: "ADMIN_READ" },
    async (request) => {
      checkName("keyRing", request.parent, "parent");
      await findKeyRing(deps, request.parent);
      const found = (await deps.importJobs.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER })).map(
        importJobOf,
      );
      const { page, ...rest } = listPage(ImportJobSchema, found, request);
      return { importJobs: page, ...rest };
    },
  );
