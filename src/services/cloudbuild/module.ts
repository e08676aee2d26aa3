import { CloudBuild } from "../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { parseBuildName } from "./build-name.ts";
import { cancel } from "./cancel.ts";
import { BUILD_KIND, type CloudBuildDeps, type Deps, PROVENANCE_KIND, SBOM_KIND } from "./deps.ts";
import { parallelBuildsOf } from "./machine.ts";
import { reconcileProvenance } from "./provenance/reconcile-provenance.ts";
import { reconcileSbom } from "./provenance/reconcile-sbom.ts";
import { reconcileBuild, type RunningBuilds } from "./reconcile.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import { createBuildTable, migrations } from "./store.ts";
import { cancelBuild } from "./v1/cancelBuild.ts";
import { createBuild } from "./v1/createBuild.ts";
import { getBuild } from "./v1/getBuild.ts";
import { getDefaultServiceAccount } from "./v1/getDefaultServiceAccount.ts";
import { listBuilds } from "./v1/listBuilds.ts";
import { retryBuild } from "./v1/retryBuild.ts";

/** cloudbuild.googleapis.com: builds of source into images. */
export function cloudbuild(given: CloudBuildDeps): ServiceModule {
  const running: RunningBuilds = new Map();
  const deps: Deps = {
    ...given,
    log: given.log.child({ subsystem: "cloudbuild" }),
    builds: createBuildTable(given.store),
    parallelBuilds: given.parallelBuilds ?? parallelBuildsOf(given.host),
    stopRunning: (name) => running.get(name)?.abort(new Error("the build was cancelled")),
  };
  return {
    name: "cloudbuild",
    services: [CloudBuild],
    rpcs: [
      createBuild(deps),
      getBuild(deps),
      listBuilds(deps),
      cancelBuild(deps),
      retryBuild(deps),
      getDefaultServiceAccount(),
    ],
    mixinVersions: ["v1"],
    migrations,
    reconcilers: {
      [BUILD_KIND]: reconcileBuild(deps, running),
      [PROVENANCE_KIND]: reconcileProvenance(deps),
      [SBOM_KIND]: reconcileSbom(deps),
    },
    scans: [{ kind: BUILD_KIND, keys: () => deps.builds.unfinishedNames() }],
    async cancelOperation(operation) {
      await cancel(deps, parseBuildName(operation));
    },
    start: () => removeLeftovers(deps),
  };
}
