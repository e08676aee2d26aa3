import { mkdirSync } from "node:fs";
import { mkdtempDisposable, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Builder, BuilderDeps } from "./build.ts";
import { createBuildCache } from "./cache/build-cache.ts";
import { rebaseImage } from "./image/rebase-image.ts";
import { createRunImageReader } from "./image/run-image.ts";
import { lifecycleMounts } from "./lifecycle-files.ts";
import { runBuild } from "./run-build.ts";
import { runBuildSteps } from "./steps/run-build-steps.ts";

/**
 * The Builder. Each build runs in a sandbox of its own, as the build image's unprivileged user; what it leaves is
 * checked, put together with the run image and pushed. Sandboxes of an earlier process are removed by whoever owns
 * `deps.sandboxes`, before removeLeftovers.
 */
export function createBuilder(deps: BuilderDeps): Builder {
  const folder = join(deps.dataFolder, "builds");
  const work = join(folder, "work");
  mkdirSync(work, { recursive: true });
  const parts = {
    deps,
    workFolder: (id: string) => join(work, id),
    cache: createBuildCache({ folder: join(folder, "cache"), ids: deps.ids }),
    readRunImage: createRunImageReader(deps.registry),
    mounts: lifecycleMounts(join(folder, "buildpacks"), deps.lifecycleNode),
  };
  const buildWithBuildpacks: Builder["buildWithBuildpacks"] = (request) => runBuild(parts, request);
  return {
    buildWithBuildpacks,
    runBuildSteps: (request) => runBuildSteps({ ...parts, buildWithBuildpacks }, request),
    async rebaseImage(request) {
      await using folder = await mkdtempDisposable(join(work, "rebase-"));
      return await rebaseImage(deps.registry, request, folder.path);
    },
    async removeLeftovers() {
      await rm(work, { recursive: true, force: true });
      mkdirSync(work, { recursive: true });
    },
  };
}
