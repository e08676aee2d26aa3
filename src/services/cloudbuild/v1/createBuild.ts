import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { locationNamedBy } from "../resolve-name.ts";
import { startBuild } from "./start-build.ts";

/** CloudBuild.CreateBuild: queues a build and answers the operation that follows it. */
export const createBuild = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.createBuild,
    { permission: "cloudbuild.builds.create", audit: "ADMIN_WRITE" },
    async (request, call) => {
      const location = await locationNamedBy(request, deps.projects);
      // The interceptors have checked that the required build is there.
      return startBuild(deps, { ...location, id: deps.ids.uuid() }, request.build!, call);
    },
  );
