import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { finalFailure } from "../final-failure.ts";
import { ensureSource, removeObsoleteSource, removeSource } from "../transport/source.ts";
import { ensureSubscription, removeSubscription } from "../transport/subscription.ts";
import { ensureTopic, removeTopic } from "../transport/topic.ts";
import { readTrigger, saveFailure, saveGone, saveSettled } from "./save.ts";
import type { StoredTrigger } from "./stored-trigger.ts";

const SETTLED: Outcome = { settled: true };

/** Makes, changes or removes what carries a trigger's events, and ends the operation that asked for it. */
export function reconcileTrigger(deps: Deps): Reconcile {
  return async (name, signal) => {
    for (;;) {
      signal.throwIfAborted();
      const stored = await readTrigger(deps, name);
      if (!stored?.work) return SETTLED;
      try {
        if (isToBeRemoved(stored)) await remove(deps, stored);
        else await install(deps, stored);
        return SETTLED;
      } catch (error) {
        const failure = failureOf(deps, stored, error);
        if (!failure) throw error;
        // What an update has changed cannot be brought back: the trigger is as it was, and its conditions say what it lacks.
        if (stored.work.failure) await saveSettled(deps, stored);
        else await saveFailure(deps, stored, failure);
      }
    }
  };
}

function isToBeRemoved({ work }: Pick<StoredTrigger, "work">): boolean {
  return work?.kind === "DELETE" || (work?.kind === "CREATE" && work.failure !== undefined);
}

/** The subscription comes before the source, so that it misses no event. */
async function install(deps: Deps, stored: StoredTrigger): Promise<void> {
  if (stored.transport.ownsTopic) await ensureTopic(deps, stored, stored.transport.topic);
  await ensureSubscription(deps, stored);
  await ensureSource(deps, stored);
  if (stored.work?.previous) await removeObsoleteSource(deps, stored, stored.work.previous);
  await saveSettled(deps, stored);
}

async function remove(deps: Deps, stored: StoredTrigger): Promise<void> {
  await removeSource(deps, stored);
  await removeSubscription(deps, stored);
  if (stored.transport.ownsTopic) await removeTopic(deps, stored, stored.transport.topic);
  await saveGone(deps, stored);
}

/** What an error ends the work with; what is taken back is never given up. */
function failureOf(deps: Deps, { work }: StoredTrigger, error: unknown): ApiError | undefined {
  return isToBeRemoved({ work }) ? undefined : finalFailure(deps, work!, error);
}
