import { setTimeout as delay } from "node:timers/promises";

/** The only source of time. Decisions take a time as an argument; only drivers hold a clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms` milliseconds, unless disposed first. Does not keep the process alive. */
  after(ms: number, callback: () => void): Disposable;
  /** Calls `callback` every `ms` milliseconds until disposed. Does not keep the process alive. */
  every(ms: number, callback: () => void): Disposable;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
