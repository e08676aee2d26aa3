import type { NetworkLease } from "../../instances/network/network.ts";
import type { SandboxMount } from "../../instances/sandbox.ts";
import type { BuilderDeps } from "../build.ts";

/** Images to build in and on, and what must be mounted into their sandboxes. */
export type BuilderImages = Pick<BuilderDeps, "baseImages" | "images"> & {
  readonly mounts: readonly SandboxMount[];
  /** Layers below those of a pushed image, for starting it. */
  readonly below: readonly string[];
};

/** The host's own network, so that builds reach the package registry as the host does. */
export function hostNetwork(): NetworkLease {
  return {
    namespacePath: "/proc/self/ns/net",
    address: "127.0.0.1",
    gateway: "127.0.0.1",
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
