import type { Clock } from "../../platform/clock.ts";

/** Request timeouts. Nearly all requests end before theirs, so beginning and ending one costs no timer. */
export interface Timeouts extends Disposable {
  /** Calls `callback` once after `ms` milliseconds, unless it is removed before. */
  add(callback: () => void, ms: number): void;
  /** Takes back `add` with the same two; once that is done, or the time is over, it does nothing. */
  remove(callback: () => void, ms: number): void;
}

/** Those that wait for the same time, which end in the order in which they began, and the timer for the first. */
interface Lane {
  readonly dueMs: Map<() => void, number>;
  timer: Disposable | undefined;
}

/** Timeouts that cost a timer only when there is none under way for the same time. */
export function createTimeouts(clock: Pick<Clock, "after" | "nowMs">): Timeouts {
  const lanes = new Map<number, Lane>();

  const arm = (ms: number, lane: Lane, leftMs: number) => {
    lane.timer = clock.after(Math.max(1, leftMs), () => strike(ms, lane));
  };
  const strike = (ms: number, lane: Lane) => {
    const nowMs = clock.nowMs();
    lane.timer = undefined;
    for (const [callback, dueMs] of lane.dueMs) {
      if (dueMs > nowMs) {
        // Unless one that began just now has seen to it.
        if (lane.timer === undefined) arm(ms, lane, dueMs - nowMs);
        return;
      }
      lane.dueMs.delete(callback);
      callback();
    }
    lanes.delete(ms);
  };
  return {
    add(callback, ms) {
      let lane = lanes.get(ms);
      if (lane === undefined) lanes.set(ms, (lane = { dueMs: new Map(), timer: undefined }));
      lane.dueMs.set(callback, clock.nowMs() + ms);
      if (lane.timer === undefined) arm(ms, lane, ms);
    },
    remove: (callback, ms) => void lanes.get(ms)?.dueMs.delete(callback),
    [Symbol.dispose]() {
      for (const { timer } of lanes.values()) timer?.[Symbol.dispose]();
      lanes.clear();
    },
  };
}
