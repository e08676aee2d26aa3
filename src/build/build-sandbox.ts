import { posix } from "node:path";
import type { NetworkLease } from "../instances/network/network.ts";
import type { SandboxMount, SandboxSpec } from "../instances/sandbox.ts";
import type { InstanceSurroundings } from "../instances/serving.ts";
import { TOOLS_SIGNAL_FOLDER } from "../oci/base/tool-placeholders.ts";
import { hostArchitecture } from "../oci/manifest.ts";
import type { BuildpackBuildRequest } from "./build.ts";
import type { BuildImages } from "./build-images.ts";
import type { OpenedCache } from "./cache/build-cache.ts";
import { lifecyclePaths } from "./lifecycle-files.ts";
import { CACHE_VOLUME } from "./package-access/package-access.ts";
import { HOME, type WorkFolder } from "./work-folder.ts";

export interface BuildSandboxParts {
  readonly request: BuildpackBuildRequest;
  readonly images: BuildImages;
  readonly cache: OpenedCache;
  readonly work: WorkFolder;
  readonly network: NetworkLease;
  readonly surroundings: InstanceSurroundings;
  /** Mounts of the lifecycle, the buildpacks and what package managers need. */
  readonly mounts: readonly SandboxMount[];
}

/** Processes and threads of one build; package managers and bundlers start many. */
const MAX_PIDS = 8192;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Variables of the build image that the lifecycle or buildpacks look at. */
const IMAGE_VARIABLES = ["CNB_STACK_ID", "LANG", "LC_ALL"];

/** The sandbox of a build: the build image, cached layers and the build's own folders over it, the lifecycle in it. */
export function buildSandboxSpec(parts: BuildSandboxParts): Omit<SandboxSpec, "onOutput"> {
  const { request, images, cache, work, network, surroundings } = parts;
  const { uid, gid } = images.owner;
  return {
    id: `build-${request.id}`,
    layers: [...images.build.layers, ...cache.layers, work.root],
    args: [lifecyclePaths.node, lifecyclePaths.main],
    env: lifecycleEnv(parts),
    cwd: "/",
    user: { uid, gid },
    hostname: "localhost",
    mounts: [
      ...surroundings.mounts,
      ...parts.mounts,
      { source: request.sourceFolder, destination: "/source", readOnly: true },
      { source: work.platform, destination: "/platform", readOnly: true },
      { source: work.buildConfig, destination: "/cnb/build-config", readOnly: true },
      { source: work.output, destination: "/output", readOnly: false },
      { source: work.toolsSignal, destination: TOOLS_SIGNAL_FOLDER, readOnly: false },
      { source: cache.volume, destination: CACHE_VOLUME, readOnly: false },
    ],
    limits: { memoryBytes: request.machine.memoryBytes, cpus: request.machine.cpus, pids: MAX_PIDS },
    network: { namespacePath: network.namespacePath },
    resolver: surroundings.resolver,
    writableRoot: "disk",
  };
}

function lifecycleEnv({ images, request }: BuildSandboxParts): Record<string, string> {
  const { env, labels } = images.build.config;
  const { order, buildpacks } = images.builder ?? lifecyclePaths;
  const optional: Record<string, string | undefined> = {
    // platform.md, "Target Data"; without labels /etc/os-release says it.
    CNB_TARGET_DISTRO_NAME: labels["io.buildpacks.base.distro.name"],
    CNB_TARGET_DISTRO_VERSION: labels["io.buildpacks.base.distro.version"],
    CNB_PROCESS_TYPE: request.pack?.defaultProcess,
    HOMERUN_MODULES_DIR: images.builder ? undefined : lifecyclePaths.modules,
    CNB_STACK_ID: labels["io.buildpacks.stack.id"],
    ...Object.fromEntries(IMAGE_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
  return {
    ...Object.fromEntries(Object.entries(optional).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    PATH: env["PATH"] ?? DEFAULT_PATH,
    HOME,
    CNB_USER_ID: String(images.owner.uid),
    CNB_GROUP_ID: String(images.owner.gid),
    CNB_TARGET_OS: "linux",
    CNB_TARGET_ARCH: hostArchitecture(),
    CNB_ORDER_PATH: order,
    CNB_BUILDPACKS_DIR: buildpacks,
    HOMERUN_SOURCE_DIR: posix.join("/source", request.sourcePath ?? ""),
    HOMERUN_HOME_FILES_DIR: "/cnb/build-config/home",
    HOMERUN_RESTORE_PATH: "/cnb/build-config/restore.json",
    HOMERUN_SELECTION_PATH: "/cnb/build-config/selection.json",
    HOMERUN_OUTPUT_DIR: "/output",
    // The lifecycle is read as TypeScript; what that comes to is kept with the cache.
    NODE_COMPILE_CACHE: `${CACHE_VOLUME}/lifecycle`,
  };
}
