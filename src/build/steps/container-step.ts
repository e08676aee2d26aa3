import { constants } from "node:os";
import { resolveImageUser } from "../../instances/containers/image-user.ts";
import { type SandboxExit, SandboxError, type SandboxSpec } from "../../instances/sandbox.ts";
import type { NetworkLease } from "../../instances/network/network.ts";
import { type LifecycleExit, runLifecycle } from "../run-lifecycle.ts";
import { ensureWorkingFolder, readStepOutput, type StepSpace } from "./build-space.ts";
import { SCRIPT, STEP_HOME, STEP_OUTPUTS, stepCommand, stepFolder, WORKSPACE } from "./step-command.ts";
import { StepImageError } from "./step-image.ts";
import type { StepImage } from "./step-images.ts";
import type { StepEnd, StepsBuild } from "./steps-build.ts";

/** Processes and threads of one step; package managers and compilers start many. */
const MAX_PIDS = 8192;
/** A step without a time limit of its own; the build's ends it first. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/** Runs a step in a container of its image; rejects when the machine failed or with the signal's reason. */
export async function runContainerStep(build: StepsBuild, index: number, signal: AbortSignal): Promise<StepEnd> {
  const step = build.request.steps[index]!;
  const onLine = (line: string) => build.request.log.line(line, index);
  try {
    const found = await build.images.ensure(step, onLine, signal);
    const { pullTime, image } = found;
    const end = await runInImage(build, index, found, signal);
    return { ...end, imageDigest: image.digest, ...(pullTime && { pullTime }) };
  } catch (error) {
    if (!(error instanceof StepImageError)) throw error;
    return notStarted(build, index, error.message);
  }
}

async function runInImage(build: StepsBuild, index: number, found: StepImage, signal: AbortSignal): Promise<StepEnd> {
  const { deps, request } = build;
  const step = request.steps[index]!;
  const args = stepCommand(step, found.image.config);
  if (args.length === 0) return notStarted(build, index, "no command specified");
  await using cleanUp = new AsyncDisposableStack();
  const network = cleanUp.use(await deps.networks.acquire());
  const { project, location, serviceAccountEmail, id } = request;
  using _ = deps.metadata.register(network.address, { project, location, instanceId: id, serviceAccountEmail });
  const own = await build.space.step(index);
  const spec = await sandboxSpec({ build, index, args, found, own, network });
  const run = {
    spec: found.adjust?.(spec) ?? spec,
    timeoutMs: step.timeoutSeconds === undefined ? NO_TIMEOUT_MS : step.timeoutSeconds * 1000,
    onLogLine: (line: string) => request.log.line(line, index),
    logFlow: request.log,
    signal,
  };
  try {
    const exit = await runLifecycle(deps, run, cleanUp);
    return { ...endOf(exit), output: await readStepOutput(own.outputs) };
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return notStarted(build, index, `starting step container failed: ${error.message}`);
  }
}

/** The step's own log says it, too: its failure may be allowed. */
function notStarted({ request }: StepsBuild, index: number, reason: string): StepEnd {
  request.log.line(`ERROR: ${reason}`, index);
  return { status: "FAILURE", exitCode: 0, reason };
}

interface SpecParts {
  readonly build: StepsBuild;
  readonly index: number;
  readonly args: readonly string[];
  readonly found: StepImage;
  readonly own: StepSpace;
  readonly network: NetworkLease;
}

async function sandboxSpec({ build, index, args, found, own, network }: SpecParts): Promise<SandboxSpec> {
  const { deps, request, space } = build;
  const step = request.steps[index]!;
  const { layers, config } = found.image;
  const surroundings = deps.surroundings(network);
  const packages = await deps.packages();
  const { uid, gid } = await resolveImageUser(config.user, layers).catch((cause: unknown) => {
    throw new StepImageError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const cwd = stepFolder(step.dir);
  await ensureWorkingFolder(request.workspace, cwd);
  const volumes = await Promise.all(
    step.volumes.map(async ({ name, path }) => ({ source: await space.volume(name), destination: path })),
  );
  const writable = [
    { source: request.workspace, destination: WORKSPACE },
    { source: space.home, destination: STEP_HOME },
    { source: own.outputs, destination: STEP_OUTPUTS },
    ...volumes,
  ];
  const script = step.script === "" ? [] : [{ source: await own.writeScript(step.script), destination: SCRIPT }];
  return {
    id: `build-${request.id}-${index}`,
    layers,
    args,
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ...surroundings.env,
      ...packages.env,
      ...config.env,
      HOME: STEP_HOME,
      BUILDER_OUTPUT: STEP_OUTPUTS,
      ...step.env,
    },
    cwd,
    user: { uid, gid },
    hostname: "localhost",
    mounts: [
      ...surroundings.mounts,
      ...packages.mounts,
      ...writable.map((mount) => ({ ...mount, readOnly: false })),
      ...script.map((mount) => ({ ...mount, readOnly: true })),
    ],
    limits: { memoryBytes: request.machine.memoryBytes, cpus: request.machine.cpus, pids: MAX_PIDS },
    network: { namespacePath: network.namespacePath },
    resolver: surroundings.resolver,
    writableRoot: "disk",
    writableFolder: own.layer,
    onOutput: () => {},
  };
}

function endOf(exit: LifecycleExit): StepEnd {
  const exitCode = exitCodeOf(exit);
  // Google: what the log of a step says that took too long.
  if (exit.timedOut) return { status: "TIMEOUT", exitCode, reason: "context deadline exceeded" };
  if (exitCode === 0) return { status: "SUCCESS", exitCode };
  const memory = exit.outOfMemory ? " (the step exceeded the memory of its machine type)" : "";
  return { status: "FAILURE", exitCode, reason: `step exited with non-zero status: ${exitCode}${memory}` };
}

/** The code that docker reports: 128 and the signal's number for a process that a signal ended. */
function exitCodeOf({ exitCode, signal }: SandboxExit): number {
  return exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}
