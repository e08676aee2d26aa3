import type { SandboxMount } from "../../instances/sandbox.ts";
import type { BuilderDeps } from "../build.ts";

/** Images to build in and on, and what must be mounted into their sandboxes. */
export type BuilderImages = Pick<BuilderDeps, "baseImages" | "images"> & {
  readonly mounts: readonly SandboxMount[];
  /** Layers below those of a pushed image, for starting it. */
  readonly below: readonly string[];
};
