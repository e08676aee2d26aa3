import type { Execution } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import type { RunContext } from "../context.ts";
import { endedTask, isEnded, LOST, resultOf, startedTask, type TaskState } from "./task.ts";
import { taskSpecOf } from "./task-spec.ts";
import type { TaskLedger } from "./task-ledger.ts";

/** What running tasks needs of the context. */
type RunTasksDeps = Pick<RunContext, "serving" | "clock">;

/** Ends attempts that a server began which is no more: their instances went with it, and they count as failed. */
export async function endLostAttempts(
  { clock }: RunTasksDeps,
  execution: Execution,
  ledger: TaskLedger,
): Promise<void> {
  for (const { state } of ledger.tasks) {
    if (state.phase === "RUNNING") await ledger.write(endedTask(state, LOST, maxRetriesOf(execution), clock.nowMs()));
  }
}

/**
 * Runs every task to its end: as many at the same time as the execution's parallelism and the host allow, in the order
 * of their index, with retries at once. When the signal aborts, all that runs is stopped and left as it is; rejects then.
 */
export async function runTasks(
  deps: RunTasksDeps,
  execution: Execution,
  ledger: TaskLedger,
  signal: AbortSignal,
): Promise<void> {
  const fault = new AbortController();
  const stop = AbortSignal.any([signal, fault.signal]);
  const waiting = ledger.tasks.map(({ state }) => state).filter((state) => !isEnded(state));
  const running = new Set<Promise<void>>();
  const begin = (state: TaskState, slot: Disposable) => {
    const run = runAttempt(deps, execution, ledger, state, stop)
      .then((after) => void (after && !isEnded(after) && waiting.unshift(after)))
      .catch((error: unknown) => fault.abort(error))
      .finally(() => {
        slot[Symbol.dispose]();
        running.delete(run);
      });
    running.add(run);
  };
  try {
    while (waiting.length + running.size > 0 && !stop.aborted) {
      if (waiting.length === 0 || running.size >= execution.parallelism) await Promise.race(running);
      else {
        const { containers } = taskSpecOf(execution, waiting[0]!);
        const slot = await deps.serving.taskSlot(containers, stop);
        begin(waiting.shift()!, slot);
      }
    }
  } finally {
    await Promise.all(running);
  }
  stop.throwIfAborted();
}

/** Runs one attempt and writes how it began and ended; resolves with nothing when it was stopped. */
async function runAttempt(
  { serving, clock }: RunTasksDeps,
  execution: Execution,
  ledger: TaskLedger,
  state: TaskState,
  signal: AbortSignal,
): Promise<TaskState | undefined> {
  const started = startedTask(state, clock.nowMs());
  await ledger.write(started);
  const outcome = await serving.runTask(taskSpecOf(execution, started), signal);
  if (outcome.outcome === "CANCELLED") return undefined;
  const ended = endedTask(started, resultOf(outcome), maxRetriesOf(execution), clock.nowMs());
  await ledger.write(ended);
  return ended;
}

function maxRetriesOf({ template }: Execution): number {
  return template?.retries.value ?? 0;
}
