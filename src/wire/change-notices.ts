import type { Clock } from "../platform/clock.ts";

/** Longest time between two looks when no notice comes, ms: another replica may have made the change. */
const RECHECK_MS = 1000;

/** In-process notices "KEY changed", for calls that wait for a change of stored state. */
export interface ChangeNotices {
  notify(key: string): void;
  /** Resolves once `condition` holds, looking again after each notice, or when the time is over or the signal aborts. */
  waitUntil(key: string, condition: () => Promise<boolean>, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createChangeNotices(clock: Clock): ChangeNotices {
  const waiting = new Map<string, Set<() => void>>();
  return {
    notify(key) {
      for (const wakeUp of waiting.get(key) ?? []) wakeUp();
    },
    async waitUntil(key, condition, timeoutMs, signal) {
      const deadlineMs = clock.nowMs() + timeoutMs;
      for (;;) {
        // Listens before it looks, so that a change in between is not missed.
        using notice = subscribe(waiting, key);
        const leftMs = deadlineMs - clock.nowMs();
        if ((await condition()) || leftMs <= 0 || signal.aborted) return;
        await Promise.race([notice.received, pause(clock, Math.min(leftMs, RECHECK_MS), signal)]);
      }
    },
  };
}

function subscribe(waiting: Map<string, Set<() => void>>, key: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listeners = waiting.get(key) ?? new Set();
  waiting.set(key, listeners.add(resolve));
  return {
    received: promise,
    [Symbol.dispose]() {
      listeners.delete(resolve);
      if (listeners.size === 0) waiting.delete(key);
    },
  };
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  timer[Symbol.dispose]();
}
