import type { UnpackedImage } from "../../oci/oci.ts";
import type { NetworkLease } from "../network/network.ts";
import type { SandboxMount, SandboxSpec } from "../sandbox.ts";
import type { InstanceSurroundings } from "../serving.ts";
import type { ContainerSpec, WorkloadSpec } from "../workload.ts";
import type { ContainerUser } from "./image-user.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ContainerParts {
  readonly id: string;
  readonly spec: WorkloadSpec;
  readonly container: ContainerSpec;
  /** Value of PORT; absent for containers that get no requests. */
  readonly port: number | undefined;
  readonly image: UnpackedImage;
  readonly user: ContainerUser;
  readonly network: NetworkLease;
  /** Where the container mounts volumes. */
  readonly mounts: readonly SandboxMount[];
  /** Values of the variables that come from secrets. */
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly surroundings: InstanceSurroundings;
  readonly cpus: number;
  readonly pids: number;
}

/**
 * The sandbox of an instance by the container contract: image configuration, overridden by the revision, plus the
 * variables of Cloud Run. The root file system is writable and in memory, so that /tmp counts as memory.
 * Google: Cloud Run, container runtime contract.
 */
export function containerSpec(parts: ContainerParts): Omit<SandboxSpec, "onOutput"> {
  const { id, container, image, user, network, surroundings } = parts;
  return {
    id,
    layers: image.layers,
    args: processArgs(parts),
    env: processEnv(parts),
    cwd: container.workingDir || image.config.workingDir || "/",
    user: { uid: user.uid, gid: user.gid },
    hostname: "localhost",
    mounts: [...surroundings.mounts, ...parts.mounts],
    limits: { memoryBytes: container.limits.memoryBytes, cpus: parts.cpus, pids: parts.pids },
    network: { namespacePath: network.namespacePath },
    resolver: surroundings.resolver,
    writableRoot: "memory",
  };
}

/** A given command replaces the image's entrypoint and command; given args replace only the command. */
function processArgs({ container, image }: ContainerParts): readonly string[] {
  if (container.command.length > 0) return [...container.command, ...container.args];
  return [...image.config.entrypoint, ...(container.args.length > 0 ? container.args : image.config.cmd)];
}

function processEnv({
  spec,
  container,
  secretEnv,
  port,
  image,
  user,
  surroundings,
}: ContainerParts): Record<string, string> {
  return {
    PATH: DEFAULT_PATH,
    HOME: user.home ?? (user.uid === 0 ? "/root" : "/"),
    ...surroundings.env,
    ...image.config.env,
    ...container.env,
    ...secretEnv,
    ...(port !== undefined && { PORT: String(port) }),
    ...spec.contractEnv,
  };
}

/** The last segment of a resource name. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
