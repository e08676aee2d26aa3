import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { type ContainerGroup, exitOf, type RunningContainer } from "../containers/container-group.ts";
import { startContainers } from "../containers/start-containers.ts";
import { startFailureOf, type StartInstance } from "../containers/start-instance.ts";
import { newInstanceId } from "../instance-id.ts";
import { type InstanceOutput, instanceOutput, type InstanceOutputDeps } from "../logs/instance-output.ts";
import { exitMessage } from "../logs/system-messages.ts";
import type { InstanceReadings, Readable } from "../readings.ts";
import type { SandboxExit } from "../sandbox.ts";
import type { Serving, ServingSettings, TaskOutcome, TaskSpec } from "../serving.ts";
import { UsageCounter } from "../usage-counter.ts";

export interface RunTaskDeps extends InstanceOutputDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly start: StartInstance;
  readonly readings: Pick<InstanceReadings, "add">;
  readonly settings: Pick<ServingSettings, "terminationGraceMs">;
}

/** Runs attempts of tasks, each in an instance of its own. */
export function taskRunner(deps: RunTaskDeps): Serving["runTask"] {
  return async (spec, signal) => {
    const id = newInstanceId(deps.ids);
    const output = instanceOutput(deps, spec, id);
    const task = new TaskEnd(deps, spec, signal);
    try {
      const both = AbortSignal.any([signal, task.over]);
      await using prepared = await deps.start({ spec, port: undefined, id, signal: both });
      const { clock } = deps;
      const group = await startContainers({ clock, spec, prepared, output, endsWith: "main", signal: both });
      using _reading = deps.readings.add(readableTask(deps, spec, id, group));
      return await runToEnd(deps, spec, group, output, task);
    } catch (cause) {
      return task.outcome ?? { outcome: "NOT_STARTED", failure: startFailureOf(cause, spec) };
    } finally {
      task[Symbol.dispose]();
    }
  };
}

/** A task is busy for all of its time. */
function readableTask({ clock }: RunTaskDeps, workload: TaskSpec, instanceId: string, group: ContainerGroup): Readable {
  const usage = new UsageCounter(clock);
  return {
    async read() {
      const [cpuSeconds, memoryBytes] = await Promise.all([group.cpuUsedSeconds(), group.memoryUsedBytes()]);
      return { workload, instanceId, state: "active", cpuSeconds, memoryBytes, ...usage.read() };
    },
  };
}

/** What ends a task before its main container does: its time is over, or nobody wants it any more. */
class TaskEnd implements Disposable {
  /** Aborts when the task is to end. */
  readonly over: AbortSignal;
  outcome: Extract<TaskOutcome, { outcome: "TIMED_OUT" | "CANCELLED" }> | undefined;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  readonly #timeout: Disposable;
  readonly #cancel = () => this.#end("CANCELLED");

  constructor({ clock }: RunTaskDeps, { timeoutSeconds }: TaskSpec, signal: AbortSignal) {
    this.over = this.#over.signal;
    this.#signal = signal;
    this.#timeout = clock.after(timeoutSeconds * 1000, () => this.#end("TIMED_OUT"));
    signal.addEventListener("abort", this.#cancel, { once: true });
    if (signal.aborted) this.#cancel();
  }

  #end(outcome: "TIMED_OUT" | "CANCELLED"): void {
    this.outcome ??= { outcome };
    this.#over.abort();
  }

  [Symbol.dispose](): void {
    this.#timeout[Symbol.dispose]();
    this.#signal.removeEventListener("abort", this.#cancel);
  }
}

/** Waits for the main container, or for what ends the task before; sidecars are stopped after it. */
async function runToEnd(
  deps: RunTaskDeps,
  spec: TaskSpec,
  group: ContainerGroup,
  output: InstanceOutput,
  task: TaskEnd,
): Promise<TaskOutcome> {
  const over = Promise.withResolvers<undefined>();
  task.over.addEventListener("abort", () => over.resolve(undefined), { once: true });
  if (task.over.aborted) over.resolve(undefined);
  let ending = false;
  for (const sidecar of group.containers.slice(1)) {
    void sidecar.sandbox.exited.then((exit) => {
      if (!ending) logExit(spec, sidecar, output, exit);
    });
  }
  const end = await Promise.race([exitOf(group.main), over.promise]);
  ending = true;
  const outcome = end === undefined ? task.outcome : outcomeOf(spec, group.main, output, end.exit);
  // Google: container runtime contract, jobs: SIGTERM, then SIGKILL after 10 s.
  await group.terminate(deps.clock, deps.settings.terminationGraceMs);
  for (const container of group.containers) container.output.flush();
  return outcome ?? { outcome: "CANCELLED" };
}

function outcomeOf(spec: TaskSpec, main: RunningContainer, output: InstanceOutput, exit: SandboxExit): TaskOutcome {
  main.output.flush();
  const message = logExit(spec, main, output, exit);
  return exit.exitCode === 0 ? { outcome: "SUCCEEDED" } : { outcome: "FAILED", exit, message };
}

/** Google: every end of a task's container is an entry, a good one too. */
function logExit(spec: TaskSpec, { container }: RunningContainer, output: InstanceOutput, exit: SandboxExit): string {
  const message = exitMessage(spec, container, exit);
  const severity = exit.exitCode === 0 ? "INFO" : exit.outOfMemory ? "ERROR" : "WARNING";
  output.system(severity, message, container);
  return message;
}
