import type { UnpackedImage } from "../../oci/oci.ts";
import type { NetworkLease } from "../network/network.ts";
import type { SandboxSpec } from "../sandbox.ts";
import type { InstanceSurroundings, RevisionSpec } from "../serving.ts";
import type { ContainerUser } from "./image-user.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ContainerParts {
  readonly id: string;
  readonly spec: RevisionSpec;
  readonly image: UnpackedImage;
  readonly user: ContainerUser;
  readonly network: NetworkLease;
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
  const { id, spec, image, user, network, surroundings } = parts;
  return {
    id,
    layers: image.layers,
    args: processArgs(parts),
    env: processEnv(parts),
    cwd: spec.workingDir || image.config.workingDir || "/",
    user: { uid: user.uid, gid: user.gid },
    hostname: "localhost",
    mounts: surroundings.mounts,
    limits: { memoryBytes: spec.limits.memoryBytes, cpus: parts.cpus, pids: parts.pids },
    network: { namespacePath: network.namespacePath },
    resolver: surroundings.resolver,
    writableRoot: "memory",
  };
}

/** A given command replaces the image's entrypoint and command; given args replace only the command. */
function processArgs({ spec, image }: ContainerParts): readonly string[] {
  if (spec.command.length > 0) return [...spec.command, ...spec.args];
  return [...image.config.entrypoint, ...(spec.args.length > 0 ? spec.args : image.config.cmd)];
}

function processEnv({ spec, image, user, surroundings }: ContainerParts): Record<string, string> {
  return {
    PATH: DEFAULT_PATH,
    HOME: user.home ?? (user.uid === 0 ? "/root" : "/"),
    ...surroundings.env,
    ...image.config.env,
    ...spec.env,
    PORT: String(spec.port.number),
    K_SERVICE: shortName(spec.service),
    K_REVISION: shortName(spec.revision),
    K_CONFIGURATION: shortName(spec.service),
    CLOUD_RUN_TIMEOUT_SECONDS: String(spec.timeoutSeconds),
  };
}

/** The last segment of a resource name. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
