import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Builds } from "../../../gen/google/cloud/run/v2/build_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { RunContext } from "../context.ts";
import { parseLocationName } from "../names.ts";
import { sourceBuildOf } from "../source-build.ts";

/** run.v2.Builds.SubmitBuild: creates a Cloud Build build in the caller's name. release_track and client only name the caller. */
export const submitBuild = ({ clients }: RunContext) =>
  rpc(
    Builds.method.submitBuild,
    { permission: "cloudbuild.builds.create", audit: "ADMIN_WRITE" },
    async (request, call) => {
      const { project, location } = parseLocationName(request.parent);
      const { build, baseImageUri } = sourceBuildOf(request, location);
      const cloudBuild = clients.of(CloudBuild, call.principal, call.signal);
      const buildOperation = await cloudBuild.createBuild({ parent: request.parent, projectId: project, build });
      return { buildOperation, baseImageUri, baseImageWarning: "" };
    },
  );
