import type { Clock } from "./clock.ts";
import { sleepUntilCalled } from "./clock-sleep.ts";
import { createTimerHeap, type HeapTimer, type TimerHeap } from "./timer-heap.ts";

/** Node's timers take no longer delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A clock that runs on with another one and can be moved ahead of it. It never goes backwards. */
export interface AdjustableClock extends Clock {
  /** How far it is ahead of the other clock, milliseconds. */
  aheadMs(): number;
  /** When the next timer set by `after` or `sleep` is due; those of `every` do not count, there is always a next one. */
  nextTimerMs(): number | undefined;
  /**
   * Moves on to `timeMs`, unless it is there already, and calls what is due, in order of time. What `every` calls is
   * called once, however many times it would have been.
   */
  moveTo(timeMs: number): void;
}

/** A clock `aheadMs` ahead of `base`. */
export function createAdjustableClock(base: Clock, aheadMs = 0): AdjustableClock {
  const [timers, tickers] = [createTimerHeap(), createTimerHeap()];
  let [ahead, order] = [aheadMs, 0];
  let armed: { readonly dueMs: number; readonly handle: Disposable } | undefined;
  const nowMs = () => base.nowMs() + ahead;

  function arm(): void {
    const dueMs = earlier(timers, tickers)?.first()?.dueMs;
    if (armed && armed.dueMs === dueMs) return;
    armed?.handle[Symbol.dispose]();
    armed = undefined;
    if (dueMs === undefined) return;
    const inMs = Math.min(Math.max(dueMs - nowMs(), 0), LONGEST_TIMER_MS);
    armed = { dueMs, handle: base.after(inMs, runDue) };
  }

  function runDue(): void {
    armed?.handle[Symbol.dispose]();
    armed = undefined;
    // What a callback sets waits for the next turn, even when it is due at once.
    const untilOrder = order;
    const [untilMs, later]: [number, [TimerHeap, HeapTimer][]] = [nowMs(), []];
    for (;;) {
      const heap = earlier(timers, tickers);
      if (!heap || heap.first()!.dueMs > untilMs) break;
      const timer = heap.takeFirst()!;
      if (timer.order >= untilOrder) later.push([heap, timer]);
      else timer.callback();
    }
    for (const [heap, timer] of later) heap.add(timer);
    arm();
  }

  function set(heap: TimerHeap, ms: number, callback: () => void): Disposable {
    const timer: HeapTimer = { dueMs: nowMs() + ms, order: order++, callback, disposed: false };
    heap.add(timer);
    arm();
    return { [Symbol.dispose]: () => heap.dispose(timer) };
  }

  function every(ms: number, callback: () => void): Disposable {
    const again = () => {
      current = set(tickers, ms, again);
      callback();
    };
    let current = set(tickers, ms, again);
    return { [Symbol.dispose]: () => current[Symbol.dispose]() };
  }

  return {
    nowMs,
    after: (ms, callback) => set(timers, ms, callback),
    every,
    sleep: (ms, signal) => sleepUntilCalled((callback) => set(timers, ms, callback), signal),
    aheadMs: () => ahead,
    nextTimerMs: () => timers.first()?.dueMs,
    moveTo(timeMs) {
      ahead += Math.max(timeMs - nowMs(), 0);
      runDue();
    },
  };
}

/** The heap whose first timer is due first. */
function earlier(one: TimerHeap, other: TimerHeap): TimerHeap | undefined {
  const [first, second] = [one.first(), other.first()];
  if (!first) return second && other;
  if (!second) return one;
  return second.dueMs < first.dueMs ? other : one;
}
