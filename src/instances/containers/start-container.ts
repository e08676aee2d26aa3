import { type ProbeSubject, probePassedMessage, startupFailedMessage } from "../logs/probe-messages.ts";
import { EXEC_FAILED, exitMessage } from "../logs/system-messages.ts";
import { awaitStartup } from "../probes/startup-probe.ts";
import type { SandboxExit } from "../sandbox.ts";
import type { ContainerSpec } from "../workload.ts";
import type { RunningContainer } from "./container-group.ts";
import type { StartContainers } from "./start-containers.ts";
import { StartError } from "./start-instance.ts";

export interface ContainerContext extends StartContainers {
  /** Gets every container whose process was started. */
  readonly running: RunningContainer[];
  /** Told when a container ends that must not; asks for the cause only while the instance starts. */
  readonly fail: (cause: () => StartError) => void;
  /** Told when the main container has ended and the instance with it: nothing else needs to start. */
  readonly finish: () => void;
}

/** Starts one container; resolves when its startup probe has passed, or its process runs if it has none. */
export async function startContainer(context: ContainerContext, container: ContainerSpec): Promise<void> {
  const { spec, prepared, signal, endsWith, fail } = context;
  signal.throwIfAborted();
  const output = context.output.of(container);
  const cpus = startupCpus(container, spec.startupCpuBoost);
  const start = prepared.start(container, { cpus, onOutput: output.push });
  const sandbox = await start.catch((cause: unknown) => {
    if (cause instanceof StartError && cause.reason === "NOT_LOADED") tellNotLoaded(context, container, cause.message);
    throw cause;
  });
  context.running.push({ container, sandbox, output });
  let probing = container.startupProbe !== undefined;
  const ended = new AbortController();
  void sandbox.exited.then((exit) => {
    ended.abort();
    if (endsWith === "main" && container === spec.containers[0]) context.finish();
    else if (probing || endsWith === "any") fail(() => exitFailure(context, container, exit, probing));
  });
  await probe(context, container, AbortSignal.any([signal, ended.signal])).catch((cause: unknown) => {
    if (!ended.signal.aborted || cause instanceof StartError) throw cause;
  });
  signal.throwIfAborted();
  probing = false;
}

/** Waits for the startup probe. Rejects with StartError when it fails, and when the signal aborts. */
async function probe(context: ContainerContext, container: ContainerSpec, signal: AbortSignal): Promise<void> {
  const subject = subjectOf(context, container);
  if (subject === undefined) return;
  const outcome = await awaitStartup(context.clock, context.prepared.address, subject.probe, signal);
  if (outcome.passed) return context.output.system("INFO", probePassedMessage(subject, outcome.attempts), container);
  const message = startupFailedMessage(subject, outcome.attempts, outcome.why);
  context.output.system("ERROR", message, container);
  throw new StartError("NOT_LISTENING", message.replace("\n", " "), { container: container.name });
}

/** Says why the container ended; in the log, too, unless that is the consequence of something else. */
function exitFailure(
  context: ContainerContext,
  container: ContainerSpec,
  exit: SandboxExit,
  probing: boolean,
): StartError {
  const { spec, output, signal } = context;
  const message = exitMessage(spec, container, exit);
  if (exit.notLoaded !== undefined) {
    if (!signal.aborted) tellNotLoaded(context, container, message);
    return new StartError("NOT_LOADED", message, { container: container.name });
  }
  const subject = subjectOf(context, container);
  if (!signal.aborted) {
    output.system(exit.outOfMemory ? "ERROR" : "WARNING", message, container);
    if (probing && subject !== undefined) output.system("ERROR", startupFailedMessage(subject, 1, "EXITED"), container);
  }
  return new StartError(exit.outOfMemory ? "OUT_OF_MEMORY" : "EXITED", message, { container: container.name });
}

function tellNotLoaded({ output }: ContainerContext, container: ContainerSpec, message: string): void {
  output.system("ERROR", message, container);
  output.system("ERROR", EXEC_FAILED, container);
}

function subjectOf({ spec }: ContainerContext, container: ContainerSpec): ProbeSubject | undefined {
  const { startupProbe } = container;
  return startupProbe && { spec, container, type: "STARTUP", probe: startupProbe };
}

/** Google: Cloud Run, "Startup CPU boost": up to 1 CPU becomes 2, 2 become 4, 4 and more become 8. */
function startupCpus({ limits: { cpus } }: ContainerSpec, boost: boolean): number {
  if (!boost) return cpus;
  if (cpus <= 1) return 2;
  return cpus <= 2 ? 4 : 8;
}
