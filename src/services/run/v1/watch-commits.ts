import type { Clock } from "../../../platform/clock.ts";
import type { ChangeLog } from "../changes/change-log.ts";

/** Longest time between two looks when no commit is heard of, ms: another replica may have made the change. */
const RECHECK_MS = 1000;

/** Commits of changes, one after the other, for a reader that looks again after each. */
export interface Commits extends Disposable {
  /** Resolves when there was a commit since the last call; or after `ms`, a recheck interval, or the signal's abort. */
  next(ms: number): Promise<void>;
}

export function commitsOf(changes: ChangeLog, clock: Clock, signal: AbortSignal): Commits {
  let isHeard = false;
  let resume = () => {};
  const wakeUp = () => {
    isHeard = true;
    resume();
  };
  const subscription = changes.onCommit(wakeUp);
  signal.addEventListener("abort", wakeUp, { once: true });
  return {
    async next(ms) {
      if (!isHeard) {
        const { promise, resolve } = Promise.withResolvers<void>();
        resume = resolve;
        using _timer = clock.after(Math.min(ms, RECHECK_MS), resolve);
        await promise;
      }
      isHeard = false;
    },
    [Symbol.dispose]() {
      subscription[Symbol.dispose]();
      signal.removeEventListener("abort", wakeUp);
    },
  };
}
