import { ExecutionSchema } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import { JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outcome } from "../../../platform/wakeups/wakeups.ts";
import type { RunContext } from "../context.ts";
import { deletedExecution, endedExecution } from "./execution.ts";
import { CANCELLED } from "./failure.ts";
import { jobNameOf } from "./names.ts";
import { finishDeleteOperations } from "../resource-operations.ts";
import type { ExecutionRecord } from "./store.ts";
import { executionView, jobView } from "./view.ts";

const PAGE = 500;

/**
 * Forgets an execution and its tasks; nothing of it runs any more. Its operations end with it as it was, and a job that
 * waits for that is looked at.
 */
export async function finishExecutionDeletion(context: RunContext, name: string): Promise<void> {
  await deleteTasks(context, name);
  await context.store.transact(async (transaction) => {
    const record = await context.jobs.getExecution(name, transaction);
    if (record) await forgetExecution(context, transaction, record);
  });
}

/** Has all executions of a job deleted first; the last one to go wakes the job again. */
export async function finishJobDeletion(context: RunContext, name: string): Promise<Outcome> {
  const { jobs, store } = context;
  const [some] = await jobs.listExecutions({ parent: name, limit: 1 });
  if (some) await deleteExecutions(context, name);
  else await store.transact((transaction) => forgetJob(context, transaction, name));
  return { settled: true };
}

async function deleteTasks({ jobs, store }: RunContext, parent: string): Promise<void> {
  for (;;) {
    const page = await jobs.listTasks({ parent, limit: PAGE });
    await store.transact(async (transaction) => {
      for (const { name } of page) await jobs.deleteTask(transaction, name);
    });
    if (page.length < PAGE) return;
  }
}

async function forgetExecution(
  { jobs, operations, wakeups, clock }: RunContext,
  transaction: StoreTransaction,
  record: ExecutionRecord,
): Promise<void> {
  const { execution } = record;
  const ended = execution.completionTime ? execution : endedExecution(execution, CANCELLED, clock.nowMs());
  const view = { ...executionView({ ...record, execution: ended }), reconciling: false };
  await jobs.deleteExecution(transaction, view.name);
  for (const { operation } of await operations.unfinishedOf(transaction, view.name)) {
    await operations.setMetadata(transaction, operation.name, ExecutionSchema, view);
    await operations.succeed(transaction, operation.name, ExecutionSchema, view);
  }
  const owner = await jobs.getJob(jobNameOf(view.name), transaction);
  if (owner?.job.reconciling) await wakeups.wake(transaction, "run.job", owner.job.name);
}

/** Marks the executions of a job as on their way out; those that run are stopped by their own reconciler. */
async function deleteExecutions(context: RunContext, parent: string): Promise<void> {
  const { jobs, store, clock, wakeups, attempts } = context;
  let after: string | undefined;
  for (;;) {
    const query = { parent, limit: PAGE, ...(after !== undefined && { after: { name: after } }) };
    const page = await jobs.listExecutions(query);
    await store.transact(async (transaction) => {
      for (const { execution } of page) {
        const stored = await jobs.getExecution(execution.name, transaction);
        if (!stored || stored.execution.deleteTime) continue;
        const deleted = deletedExecution(stored.execution, clock.nowMs());
        await jobs.updateExecution(transaction, { ...stored, execution: deleted });
        await wakeups.wake(transaction, "run.execution", execution.name);
        transaction.afterCommit(() => attempts.supersede(execution.name));
      }
    });
    if (page.length < PAGE) return;
    after = page.at(-1)!.execution.name;
  }
}

async function forgetJob(context: RunContext, transaction: StoreTransaction, name: string): Promise<void> {
  const { jobs, policies } = context;
  const record = await jobs.getJob(name, transaction);
  if (!record) return;
  await policies.delete(transaction, name);
  await jobs.deleteJob(transaction, name);
  const view = { ...jobView(record), reconciling: false };
  await finishDeleteOperations(context, transaction, JobSchema, view, record.hidden.operationId);
}
