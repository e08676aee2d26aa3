import { join } from "node:path";
import type { BuilderDeps } from "../build.ts";
import type { StepImageProvider } from "../steps/step-image.ts";
import { openDockerSession } from "./docker-session.ts";
import { createStoreCache } from "./store-cache.ts";

/** What builds of Dockerfiles need. */
export type DockerDeps = Pick<
  BuilderDeps,
  | "baseImages"
  | "clock"
  | "dataFolder"
  | "ids"
  | "images"
  | "lifecycleNode"
  | "log"
  | "metadata"
  | "networks"
  | "packages"
  | "sandboxes"
  | "surroundings"
>;

/** The builder of Google's documentation, and Docker's own image. */
const NAME =
  /^((?:[a-z]+\.)?gcr\.io\/cloud-builders\/|(?:docker\.io\/)?(?:library\/)?)docker(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/**
 * The step image `gcr.io/cloud-builders/docker`: docker's command line on podman, without a daemon. Images stay in a
 * store of the build from step to step; the layers of a project's last build serve the next one as its cache.
 */
export function createDockerSteps(deps: DockerDeps): StepImageProvider {
  const cache = createStoreCache({ folder: join(deps.dataFolder, "builds", "docker"), log: deps.log });
  return {
    matches: (name) => NAME.test(name),
    open: (build, folder) => openDockerSession({ ...deps, cache }, build, folder),
  };
}
