import type { Clock } from "../../platform/clock.ts";
import type { SandboxExit } from "../sandbox.ts";
import type { RevisionSpec, StartOutcome } from "../serving.ts";
import type { InstanceOutput } from "./instance-output.ts";
import { type RunningContainer, StartError, type StartInstance } from "./start-instance.ts";
import { awaitStartup, type ProbeOutcome } from "./startup-probe.ts";
import { exitMessage, outOfMemoryMessage, probeFailedMessage, probePassedMessage } from "./system-messages.ts";
import type { Upstream } from "./upstream.ts";

export interface LaunchDeps {
  readonly clock: Clock;
  readonly start: StartInstance;
}

export interface Launch {
  readonly outcome: StartOutcome;
  /** Present when the outcome is ready. */
  readonly started?: { readonly container: RunningContainer; readonly upstream: Upstream };
}

type Failure = Extract<StartOutcome, { ready: false }>;

/** Starts a container and waits for its startup probe. Leaves nothing running unless the outcome is ready; never rejects. */
export async function launch(
  deps: LaunchDeps,
  spec: RevisionSpec,
  id: string,
  output: InstanceOutput,
  abort: AbortSignal,
): Promise<Launch> {
  try {
    abort.throwIfAborted();
    await using undo = new AsyncDisposableStack();
    const container = undo.use(
      await deps.start({
        spec,
        port: spec.port?.number,
        id,
        cpus: startupCpus(spec),
        onOutput: output.push,
        signal: abort,
      }),
    );
    // Loaded while the first container comes up, which takes longer: a start of the server does not wait for it.
    const [failure, { createUpstream }] = await Promise.all([
      probe(deps, spec, container, output, abort),
      import("./upstream.ts"),
    ]);
    if (failure !== undefined) return { outcome: await withTail(failure, container, output) };
    undo.move();
    return {
      outcome: { ready: true },
      started: {
        container,
        upstream: createUpstream(container.address, spec.port ?? { number: 0, protocol: "http1" }),
      },
    };
  } catch (cause) {
    const reason = cause instanceof StartError ? cause.reason : "RUNTIME";
    const message = cause instanceof Error ? cause.message : String(cause);
    return { outcome: { ready: false, reason, message, logTail: output.tail() } };
  }
}

/** Probes until the container is ready (undefined), has exited, or its time is over. */
async function probe(
  { clock }: LaunchDeps,
  spec: RevisionSpec,
  container: RunningContainer,
  output: InstanceOutput,
  abort: AbortSignal,
): Promise<Omit<Failure, "logTail"> | undefined> {
  const stopped = new AbortController();
  const exited = container.sandbox.exited.then((exit) => {
    stopped.abort();
    return { exit };
  });
  const signal = AbortSignal.any([abort, stopped.signal]);
  const probed = awaitStartup(clock, container.address, spec.containers[0].startupProbe!, signal).catch(
    () => undefined,
  );
  const first = await Promise.race([exited, probed]);
  if (first === undefined && abort.aborted)
    return { ready: false, reason: "RUNTIME", message: "The start was cancelled." };
  if (first === undefined || "exit" in first) return exitFailure(spec, (await exited).exit, output);
  return probeFailure(spec, first, output);
}

function exitFailure(spec: RevisionSpec, exit: SandboxExit, output: InstanceOutput): Omit<Failure, "logTail"> {
  output.system(exit.outOfMemory ? "ERROR" : "WARNING", exitMessage(spec, exit));
  output.system("ERROR", probeFailedMessage(spec, 1, true));
  return exit.outOfMemory
    ? { ready: false, reason: "OUT_OF_MEMORY", message: outOfMemoryMessage(spec) }
    : { ready: false, reason: "EXITED", message: exitMessage(spec, exit) };
}

function probeFailure(
  spec: RevisionSpec,
  { passed, attempts }: ProbeOutcome,
  output: InstanceOutput,
): Omit<Failure, "logTail"> | undefined {
  if (passed) {
    output.system("INFO", probePassedMessage(spec, attempts));
    return undefined;
  }
  const message = probeFailedMessage(spec, attempts, false);
  output.system("ERROR", message);
  return { ready: false, reason: "NOT_LISTENING", message: message.replace("\n", " ") };
}

/** Adds the last output. The container is killed first, so that nothing it wrote is missing. */
async function withTail(
  failure: Omit<Failure, "logTail">,
  { sandbox }: RunningContainer,
  output: InstanceOutput,
): Promise<StartOutcome> {
  await sandbox.kill("SIGKILL").catch(() => undefined);
  await sandbox.exited;
  output.flush();
  return { ...failure, logTail: output.tail() };
}

/** Google: Cloud Run, "Startup CPU boost": up to 1 CPU becomes 2, 2 become 4, 4 and more become 8. */
function startupCpus({ containers: [{ limits }], startupCpuBoost }: RevisionSpec): number {
  if (!startupCpuBoost) return limits.cpus;
  if (limits.cpus <= 1) return 2;
  return limits.cpus <= 2 ? 4 : 8;
}
