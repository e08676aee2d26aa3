import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { formatBuildName } from "../build-name.ts";
import { buildOf } from "../build.ts";
import type { Deps } from "../deps.ts";
import { buildNotFound } from "../errors.ts";
import { buildNamedBy } from "../resolve-name.ts";

/** CloudBuild.GetBuild. */
export const getBuild = ({ builds, projects }: Pick<Deps, "builds" | "projects">): Rpc =>
  rpc(CloudBuild.method.getBuild, { permission: "cloudbuild.builds.get", audit: "ADMIN_READ" }, async (request) => {
    const name = formatBuildName(await buildNamedBy(request, projects));
    const row = await builds.get(name);
    if (!row) throw buildNotFound(name);
    return buildOf(row);
  });
