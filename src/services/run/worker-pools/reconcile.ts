import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { RunContext } from "../context.ts";
import { bringUpRevisions } from "./bring-up.ts";
import { finishDeletion } from "./delete.ts";
import { settleWorkerPool } from "./settle.ts";

const SETTLED: Outcome = { settled: true };
const LOOK_AGAIN: Outcome = { settled: false, retryInMs: 0 };

/** Brings worker pools (keys are full names) to what was asked of them; a newer intent cuts the work for an older one short. */
export function reconcileWorkerPool(context: RunContext): Reconcile {
  return async (name, signal) => {
    using attempt = context.attempts.begin(name, signal);
    const record = await context.workerPools.get(name);
    if (!record?.workerPool.reconciling) return SETTLED;
    if (record.workerPool.deleteTime) {
      await finishDeletion(context, record);
      return SETTLED;
    }
    try {
      const latest = await bringUpRevisions(context, record.workerPool, attempt.signal);
      return (await settleWorkerPool(context, record, latest, attempt.signal)) ? SETTLED : LOOK_AGAIN;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt.signal.aborted) return LOOK_AGAIN;
      throw error;
    }
  };
}
