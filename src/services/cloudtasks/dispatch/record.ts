import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { DispatchDeps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import type { TaskRow } from "../tasks/store.ts";
import { tombstoneOf } from "../tasks/tombstone.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { retryTimeMs } from "./retry.ts";

/** The task as an attempt of it begins. */
export function begun(row: TaskRow, nowMs: number): TaskRow {
  const { dispatchCount, firstDispatchMs = nowMs } = row.progress;
  const last = { scheduleMs: row.dueMs, dispatchMs: nowMs };
  return { ...row, progress: { ...row.progress, dispatchCount: dispatchCount + 1, firstDispatchMs, last } };
}

/** The task as an attempt of it has ended. */
export function responded(row: TaskRow, { code, message, httpStatus }: AttemptOutcome, nowMs: number): TaskRow {
  const { progress } = row;
  const responseCount = progress.responseCount + (httpStatus === undefined ? 0 : 1);
  const last = { ...progress.last!, responseMs: nowMs, code, message, ...(httpStatus !== undefined && { httpStatus }) };
  return { ...row, progress: { ...progress, responseCount, last } };
}

/**
 * Writes down what became of an attempt: the task is gone when it succeeded or may not be tried again, and planned anew
 * otherwise. Resolves, once that is on disk, with when it is tried again.
 */
export async function recordEnd(
  deps: DispatchDeps & { readonly nextNumber: () => number },
  queue: Queue,
  dispatched: TaskRow,
  outcome: AttemptOutcome,
): Promise<number | undefined> {
  const nowMs = deps.clock.nowMs();
  const row = responded(dispatched, outcome, nowMs);
  const retryMs = outcome.code === Code.OK ? undefined : retryTimeMs(queue, row.progress, nowMs, outcome.retryAfterMs);
  return deps.commits.run(async (transaction) => {
    if (retryMs !== undefined) {
      const planned = { ...row, dueMs: Math.ceil(retryMs), seq: deps.nextNumber() };
      return (await deps.tasks.plan(transaction, planned)) ? planned.dueMs : undefined;
    }
    const isDeleted = await deps.tasks.delete(transaction, row.queueUid, row.id);
    if (isDeleted && row.named)
      await deps.tombstones.put(transaction, [tombstoneOf(row.queueUid, row.id)], nowMs + LIMITS.taskTombstoneMs);
    return undefined;
  });
}
