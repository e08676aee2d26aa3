import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { cancel } from "../cancel.ts";
import type { Deps } from "../deps.ts";
import { buildNamedBy } from "../resolve-name.ts";

/** CloudBuild.CancelBuild: the build is CANCELLED at once, its work stops soon. */
export const cancelBuild = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.cancelBuild,
    { permission: "cloudbuild.builds.update", audit: "ADMIN_WRITE" },
    async (request) => cancel(deps, await buildNamedBy(request, deps.projects)),
  );
