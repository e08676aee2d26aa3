import { constants } from "node:os";
import type { NetworkLease } from "../../instances/network/network.ts";
import type { SandboxSpec } from "../../instances/sandbox.ts";
import type { UnpackedImage } from "../../oci/oci.ts";
import { runLifecycle } from "../run-lifecycle.ts";
import type { BuildStepsRequest } from "../steps/steps.ts";
import { type DockerFolders, withDocker } from "./docker-sandbox.ts";
import type { DockerDeps } from "./docker-steps.ts";

/** A podman command on the store of a build, in a sandbox like that of a step. */
export interface DockerJob {
  readonly id: string;
  readonly image: UnpackedImage;
  readonly args: readonly string[];
  readonly folders: DockerFolders;
  /** An empty folder that the command has as /result. */
  readonly result: string;
  /** "online" reaches registries, as the build's service account. */
  readonly network: "online" | "offline";
  readonly signal: AbortSignal;
}

/** The build's own time limit aborts the signal first. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_PIDS = 1024;
const MAX_LINES = 100;

/** Runs a job; resolves with its exit code and the last lines it printed, and rejects when its signal aborts. */
export async function runDockerJob(
  deps: DockerDeps,
  build: BuildStepsRequest,
  job: DockerJob,
): Promise<{ exitCode: number; lines: readonly string[] }> {
  await using cleanUp = new AsyncDisposableStack();
  const network = job.network === "online" ? cleanUp.use(await deps.networks.acquire()) : undefined;
  if (network) {
    const { project, location, serviceAccountEmail, id: instanceId } = build;
    cleanUp.use(deps.metadata.register(network.address, { project, location, instanceId, serviceAccountEmail }));
  }
  const lines: string[] = [];
  const onLogLine = (line: string): void => {
    lines.push(line);
    if (lines.length > MAX_LINES) lines.shift();
  };
  const spec = withDocker(jobSpec(deps, build, job, network), job.folders, deps.lifecycleNode);
  const exit = await runLifecycle(deps, { spec, timeoutMs: NO_TIMEOUT_MS, onLogLine, signal: job.signal }, cleanUp);
  return { exitCode: exit.exitCode ?? 128 + constants.signals[exit.signal as NodeJS.Signals], lines };
}

function jobSpec(
  deps: DockerDeps,
  build: BuildStepsRequest,
  { id, image, args, result }: DockerJob,
  network: NetworkLease | undefined,
): SandboxSpec {
  const surroundings = network && deps.surroundings(network);
  return {
    id,
    layers: image.layers,
    args: ["podman", ...args],
    env: { ...surroundings?.env, ...image.config.env, HOME: "/root" },
    cwd: "/",
    user: { uid: 0, gid: 0 },
    hostname: "localhost",
    mounts: [...(surroundings?.mounts ?? []), { source: result, destination: "/result", readOnly: false }],
    limits: { memoryBytes: build.machine.memoryBytes, cpus: build.machine.cpus, pids: MAX_PIDS },
    network: network ? { namespacePath: network.namespacePath } : "none",
    ...(surroundings && { resolver: surroundings.resolver }),
    writableRoot: "disk",
    onOutput: () => {},
  };
}
