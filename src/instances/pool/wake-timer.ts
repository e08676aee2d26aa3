import type { Clock } from "../../platform/clock.ts";

/** A timer that strikes once, at the time set last. Disposing clears it. */
export interface WakeTimer extends Disposable {
  /** When it strikes; Infinity when it is not set. */
  readonly dueMs: number;
  /** Sets it anew; Infinity: not at all. */
  set(dueMs: number): void;
}

export function wakeTimer(clock: Clock, strike: () => void): WakeTimer {
  let timer: Disposable | undefined;
  let due = Infinity;
  const clear = () => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    due = Infinity;
  };
  return {
    get dueMs() {
      return due;
    },
    set(dueMs) {
      clear();
      if (dueMs === Infinity) return;
      due = dueMs;
      timer = clock.after(Math.max(1, dueMs - clock.nowMs()), () => {
        clear();
        strike();
      });
    },
    [Symbol.dispose]: clear,
  };
}
