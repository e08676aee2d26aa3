import type { Clock } from "./clock.ts";
import { sleepUntilCalled } from "./clock-sleep.ts";

/** A clock that stands still until it is moved; for tests of what happens at a certain time. */
export interface ManualClock extends Clock {
  /** Moves time on by `ms`, running what falls due on the way, in order of time. */
  advance(ms: number): void;
  /** Moves time on to the next timer and runs it; false when none is set. */
  advanceToNextTimer(): boolean;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that shows `startMs`. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  const timers = new Set<Timer>();

  function set(dueMs: number, callback: () => void): Disposable {
    const timer = { dueMs, callback };
    timers.add(timer);
    return { [Symbol.dispose]: () => void timers.delete(timer) };
  }

  function every(ms: number, callback: () => void): Disposable {
    const again = () => {
      current = set(nowMs + ms, again);
      callback();
    };
    let current = set(nowMs + ms, again);
    return { [Symbol.dispose]: () => current[Symbol.dispose]() };
  }

  function runNext(untilMs: number): boolean {
    const next = [...timers].toSorted((one, other) => one.dueMs - other.dueMs)[0];
    if (!next || next.dueMs > untilMs) return false;
    timers.delete(next);
    nowMs = Math.max(nowMs, next.dueMs);
    next.callback();
    return true;
  }

  return {
    nowMs: () => nowMs,
    after: (ms, callback) => set(nowMs + ms, callback),
    every,
    sleep: (ms, signal) => sleepUntilCalled((callback) => set(nowMs + ms, callback), signal),
    advance(ms) {
      const untilMs = nowMs + ms;
      while (runNext(untilMs));
      nowMs = untilMs;
    },
    advanceToNextTimer: () => runNext(Number.POSITIVE_INFINITY),
  };
}
