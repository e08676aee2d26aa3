import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { readTrigger } from "../triggers/read-trigger.ts";
import { startTriggeredBuild } from "../triggers/start-triggered-build.ts";

/** CloudBuild.RunBuildTrigger: one build, of the revision in the request or else of the one in the trigger. */
export const runBuildTrigger = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.runBuildTrigger,
    { permission: "cloudbuild.builds.create", audit: "ADMIN_WRITE" },
    async (request, call) => {
      const { trigger } = await readTrigger(request, deps);
      const operation = await startTriggeredBuild(deps, trigger, { source: request.source }, call);
      if (!operation) throw failedPrecondition("The filter of the trigger does not match.");
      return operation;
    },
  );
