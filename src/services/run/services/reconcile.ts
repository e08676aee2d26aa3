import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { bringUpRevisions } from "./bring-up.ts";
import type { RunContext } from "../context.ts";
import { finishDeletion } from "./finish-deletion.ts";
import { settleService } from "./settle.ts";

const SETTLED: Outcome = { settled: true };
const LOOK_AGAIN: Outcome = { settled: false, retryInMs: 0 };

/** Brings services (keys are full names) to what was asked of them; a newer intent cuts the work for an older one short. */
export function reconcileService(context: RunContext): Reconcile {
  return async (name, signal) => {
    using attempt = context.attempts.begin(name, signal);
    const record = await context.rows.getService(name);
    if (!record?.service.reconciling) return SETTLED;
    if (record.service.deleteTime) {
      await finishDeletion(context, record);
      return SETTLED;
    }
    try {
      const latest = await bringUpRevisions(context, record.service, attempt.signal);
      return (await settleService(context, record, latest, attempt.signal)) ? SETTLED : LOOK_AGAIN;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt.signal.aborted) return LOOK_AGAIN;
      throw error;
    }
  };
}
