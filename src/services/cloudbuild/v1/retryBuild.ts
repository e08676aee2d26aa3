import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { formatBuildName } from "../build-name.ts";
import { buildOf, requestOf } from "../build.ts";
import type { Deps } from "../deps.ts";
import { buildNotFound } from "../errors.ts";
import { buildNamedBy } from "../resolve-name.ts";
import { startBuild } from "./start-build.ts";

/** CloudBuild.RetryBuild: queues a new build from what the old one was asked to do. */
export const retryBuild = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.retryBuild,
    { permission: "cloudbuild.builds.create", audit: "ADMIN_WRITE" },
    async (request, call) => {
      const name = await buildNamedBy(request, deps.projects);
      const row = await deps.builds.get(formatBuildName(name));
      if (!row) throw buildNotFound(formatBuildName(name));
      return startBuild(deps, { ...name, id: deps.ids.uuid() }, requestOf(buildOf(row)), call);
    },
  );
