import type { SandboxMount } from "../../instances/sandbox.ts";

/** How package managers inside a build reach the registries that the machine is set up for. */
export interface PackageAccess {
  /** Variables that buildpacks see unless the user sets them. */
  readonly env: Readonly<Record<string, string>>;
  /** Configuration files by their path below the home directory; a project's own files win over them. */
  readonly homeFiles: Readonly<Record<string, string>>;
  readonly mounts: readonly SandboxMount[];
}

/** The folder in which a sandbox has the download caches of its project. */
export const CACHE_VOLUME = "/cache";
/** Where a build finds the certificate authorities that vouch for the registries. */
export const CA_FILE = "/cnb/package-registries.pem";

/** All of them in one. */
export function mergePackageAccess(parts: readonly PackageAccess[]): PackageAccess {
  const mounts = new Map(parts.flatMap((part) => part.mounts.map((mount) => [mount.destination, mount] as const)));
  return {
    env: Object.assign({}, ...parts.map(({ env }) => env)) as PackageAccess["env"],
    homeFiles: Object.assign({}, ...parts.map(({ homeFiles }) => homeFiles)) as PackageAccess["homeFiles"],
    mounts: [...mounts.values()],
  };
}
