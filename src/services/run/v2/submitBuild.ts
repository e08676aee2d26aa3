import { create } from "@bufbuild/protobuf";
import {
  BuildOptions_DefaultLogsBucketBehavior as LogsBucketBehavior,
  BuildOptions_LoggingMode as LoggingMode,
  BuildOptionsSchema,
  CloudBuild,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
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
      build.options = Object.assign(build.options ?? create(BuildOptionsSchema), logOptionsFor(call.origin));
      const cloudBuild = clients.of(CloudBuild, call.principal, call.signal);
      const buildOperation = await cloudBuild.createBuild({ parent: request.parent, projectId: project, build });
      return { buildOperation, baseImageUri, baseImageWarning: "" };
    },
  );

/**
 * gcloud reads a log in a bucket at storage.googleapis.com only, and one in Cloud Logging only with credentials; so the
 * log goes to both where the caller reaches that host, which is where it uses Google's names.
 */
function logOptionsFor(origin: string) {
  if (!new URL(origin).hostname.endsWith(".googleapis.com")) return {};
  const defaultLogsBucketBehavior = LogsBucketBehavior.REGIONAL_USER_OWNED_BUCKET;
  return { logging: LoggingMode.LEGACY, defaultLogsBucketBehavior };
}
