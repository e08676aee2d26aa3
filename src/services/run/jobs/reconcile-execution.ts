import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { Failure } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { finishExecutionDeletion } from "./delete.ts";
import { importedExecution } from "./execution.ts";
import { resolveTemplate } from "./resolve-template.ts";
import { jobNameOf, parseExecutionName } from "./names.ts";
import { pruneExecutions } from "./retention.ts";
import { endLostAttempts, runTasks } from "./run-tasks.ts";
import { settleExecution } from "./settle-execution.ts";
import type { ExecutionRecord } from "./store.ts";
import { cancelledTask, isEnded } from "./task.ts";
import { openTaskLedger, type TaskLedger } from "./task-ledger.ts";

const SETTLED: Outcome = { settled: true };
const LOOK_AGAIN: Outcome = { settled: false, retryInMs: 0 };

/**
 * Runs executions (keys are full names) to their end. A run lasts as long as the execution: what is on its way is known
 * to it alone, and attempts that are found under way belong to a server that is no more. A cancellation or deletion cuts
 * the run short.
 */
export function reconcileExecution(context: RunContext): Reconcile {
  return async (name, signal) => {
    using attempt = context.attempts.begin(name, signal);
    const record = await context.jobs.getExecution(name);
    if (!record?.execution.reconciling) return SETTLED;
    if (record.execution.deleteTime) {
      await finishExecutionDeletion(context, name);
      return SETTLED;
    }
    try {
      const failure = await runExecution(context, record, attempt.signal);
      await settleExecution(context, name, failure);
      await pruneExecutions(context, jobNameOf(name));
      return SETTLED;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt.signal.aborted) return LOOK_AGAIN;
      throw error;
    }
  };
}

/** Resolves once all tasks have ended, with what kept them from starting if anything did. */
async function runExecution(
  context: RunContext,
  record: ExecutionRecord,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const ledger = await openTaskLedger(context, record.execution);
  if (record.hidden.isCancelled) {
    await endTasks(context, ledger);
    return undefined;
  }
  const imported = await importImages(context, record, signal);
  if ("failure" in imported) {
    await endTasks(context, ledger);
    return imported.failure;
  }
  const { execution } = imported.record;
  await endLostAttempts(context, execution, ledger);
  await runTasks(context, execution, ledger, signal);
  return undefined;
}

async function endTasks({ clock }: RunContext, ledger: TaskLedger): Promise<void> {
  for (const { state } of ledger.tasks) if (!isEnded(state)) await ledger.write(cancelledTask(state, clock.nowMs()));
}

type Imported = { readonly record: ExecutionRecord } | { readonly failure: Failure };

/** Gives the execution the digests of its images, for good: all of its tasks use the same ones. */
async function importImages(context: RunContext, record: ExecutionRecord, signal: AbortSignal): Promise<Imported> {
  if (record.execution.observedGeneration > 0n) return { record };
  const { project } = parseExecutionName(record.execution.name);
  const resolved = await resolveTemplate(context, project, record.execution.template!, signal);
  if ("failure" in resolved) return resolved;
  const { jobs, store, clock } = context;
  const imported = await store.transact(async (transaction) => {
    const stored = await jobs.getExecution(record.execution.name, transaction);
    if (!stored) return record;
    const execution = importedExecution(stored.execution, resolved.images, clock.nowMs());
    return jobs.updateExecution(transaction, { ...stored, execution });
  });
  return { record: imported };
}
