import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { type InstanceOutput, instanceOutput, type InstanceOutputDeps } from "../pool/instance-output.ts";
import { type RunningContainer, StartError, type StartInstance } from "../pool/start-instance.ts";
import { exitMessage } from "../pool/system-messages.ts";
import type { Serving, ServingSettings, TaskOutcome, TaskSpec } from "../serving.ts";

export interface RunTaskDeps extends InstanceOutputDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly start: StartInstance;
  readonly settings: Pick<ServingSettings, "terminationGraceMs">;
}

const INSTANCE_ID_LENGTH = 40;
const HEXADECIMAL = "0123456789abcdef";

/** Runs attempts of tasks, each in an instance of its own. */
export function taskRunner(deps: RunTaskDeps): Serving["runTask"] {
  return async (spec, signal) => {
    const id = deps.ids.text(INSTANCE_ID_LENGTH, HEXADECIMAL);
    const output = instanceOutput(deps, spec, id);
    try {
      const { cpus } = spec.containers[0].limits;
      const request = { spec, port: undefined, id, cpus, onOutput: output.push, signal };
      await using container = await deps.start(request);
      return await runToEnd(deps, spec, container, output, signal);
    } catch (cause) {
      if (signal.aborted) return { outcome: "CANCELLED" };
      const reason = cause instanceof StartError ? cause.reason : "RUNTIME";
      const message = cause instanceof Error ? cause.message : String(cause);
      return { outcome: "NOT_STARTED", failure: { ready: false, reason, message, logTail: output.tail() } };
    } finally {
      output.flush();
    }
  };
}

async function runToEnd(
  deps: RunTaskDeps,
  spec: TaskSpec,
  container: RunningContainer,
  output: InstanceOutput,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const over = Promise.withResolvers<"TIMED_OUT" | "CANCELLED">();
  const cancel = () => over.resolve("CANCELLED");
  signal.addEventListener("abort", cancel, { once: true });
  using _timeout = deps.clock.after(spec.timeoutSeconds * 1000, () => over.resolve("TIMED_OUT"));
  if (signal.aborted) cancel();
  try {
    const end = await Promise.race([container.sandbox.exited, over.promise]);
    if (typeof end === "string") {
      await terminate(deps, container);
      return { outcome: end };
    }
    if (end.exitCode === 0) return { outcome: "SUCCEEDED" };
    const message = exitMessage(spec, end);
    output.system(end.outOfMemory ? "ERROR" : "WARNING", message);
    return { outcome: "FAILED", exit: end, message };
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Google: container runtime contract, jobs: SIGTERM, then SIGKILL after 10 s. */
async function terminate({ clock, settings }: RunTaskDeps, { sandbox }: RunningContainer): Promise<void> {
  const grace = new AbortController();
  await sandbox.kill("SIGTERM").catch(() => undefined);
  await Promise.race([sandbox.exited, clock.sleep(settings.terminationGraceMs, grace.signal).catch(() => undefined)]);
  grace.abort();
  await sandbox.kill("SIGKILL").catch(() => undefined);
  await sandbox.exited;
}
