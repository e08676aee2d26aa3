import { SecretVersionSchema } from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { filteredPage } from "../../../wire/filter/filtered-page.ts";
import { findSecret, versionsOf } from "../find.ts";
import { PAGE_SIZES } from "../limits.ts";
import { versionOf } from "../version.ts";

/** SecretManagerService.ListSecretVersions, the newest first. */
export const listSecretVersions = (deps: Deps) =>
  rpc(
    SecretManagerService.method.listSecretVersions,
    { permission: "secretmanager.versions.list", audit: "ADMIN_READ" },
    async (request) => {
      const { row } = await findSecret(deps, request.parent);
      const versions = (await versionsOf(deps, row.name)).map(versionOf);
      const { page, ...rest } = filteredPage(SecretVersionSchema, versions, request, PAGE_SIZES);
      return { versions: page, ...rest };
    },
  );
