import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { RunContext } from "../context.ts";
import { deletedExecution } from "./execution.ts";
import { KEPT_EXECUTIONS, KEPT_FOR_MS } from "./limits.ts";
import type { ExecutionRecord } from "./store.ts";

/** Executions that are looked at for deletion at a time. */
const BATCH = 50;

/**
 * Deletes executions of a job that are neither among its latest 1,000 nor from the last seven days, a few at a time.
 * Google: Cloud Run docs, execute jobs.
 */
export async function pruneExecutions(context: RunContext, jobName: string): Promise<void> {
  const { jobs, clock } = context;
  const owner = await jobs.getJob(jobName);
  if (!owner || owner.job.executionCount <= KEPT_EXECUTIONS) return;
  const oldest = await jobs.listExecutions({ parent: jobName, limit: BATCH + KEPT_EXECUTIONS, ...NEWEST_FIRST });
  const untilMs = clock.nowMs() - KEPT_FOR_MS;
  for (const record of oldest.slice(KEPT_EXECUTIONS)) if (endedBefore(record, untilMs)) await remove(context, record);
}

const NEWEST_FIRST = { orderBy: "createTime", descending: true } as const;

function endedBefore({ execution }: ExecutionRecord, timeMs: number): boolean {
  const { reconciling, completionTime } = execution;
  return !reconciling && completionTime !== undefined && timestampMs(completionTime) < timeMs;
}

async function remove({ jobs, store, clock, wakeups }: RunContext, { execution }: ExecutionRecord): Promise<void> {
  await store.transact(async (transaction) => {
    const stored = await jobs.getExecution(execution.name, transaction);
    if (!stored || stored.execution.deleteTime) return;
    await jobs.updateExecution(transaction, { ...stored, execution: deletedExecution(execution, clock.nowMs()) });
    await wakeups.wake(transaction, "run.execution", execution.name);
  });
}
