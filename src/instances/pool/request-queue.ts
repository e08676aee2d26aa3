import type { Clock } from "../../platform/clock.ts";

/** A request that waits for an instance. */
interface Waiter<T> {
  readonly sinceMs: number;
  readonly settle: (result: T) => void;
}

/** Requests of a revision that wait for an instance, oldest first. */
export interface RequestQueue<T> {
  readonly length: number;
  /** Resolves with what `serve`, `expire` or `fail` says; rejects with the signal's reason when it aborts first. */
  join(signal: AbortSignal): Promise<T>;
  /** Gives the oldest request what `next` returns, until that is undefined or nobody waits. */
  serve(next: () => T | undefined): void;
  /** Ends the wait of all requests. */
  fail(result: T): void;
}

export interface RequestQueueDeps<T> {
  readonly clock: Clock;
  /** How long a request may wait, at this moment; asked again when the time is over. */
  readonly limitMs: () => number;
  /** What a request gets that waited too long. */
  readonly expired: () => T;
}

/** How often an unlimited wait is looked at again. */
const RECHECK_MS = 1_000;

export function requestQueue<T>(deps: RequestQueueDeps<T>): RequestQueue<T> {
  const waiters = new Set<Waiter<T>>();
  let timer: Disposable | undefined;

  const watch = () => {
    const [oldest] = waiters;
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (oldest === undefined) return;
    const leftMs = oldest.sinceMs + deps.limitMs() - deps.clock.nowMs();
    if (leftMs <= 0) {
      take(oldest, deps.expired());
      watch();
    } else {
      timer = deps.clock.after(Math.min(leftMs, RECHECK_MS), watch);
    }
  };
  const take = (waiter: Waiter<T>, result: T) => {
    waiters.delete(waiter);
    waiter.settle(result);
  };

  return {
    get length() {
      return waiters.size;
    },
    join(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const leave = () => {
        waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      const settle = (result: T) => {
        signal.removeEventListener("abort", leave);
        resolve(result);
      };
      const waiter: Waiter<T> = { sinceMs: deps.clock.nowMs(), settle };
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      signal.addEventListener("abort", leave, { once: true });
      waiters.add(waiter);
      if (timer === undefined) watch();
      return promise;
    },
    serve(next) {
      for (const waiter of waiters) {
        const result = next();
        if (result === undefined) return;
        take(waiter, result);
      }
    },
    fail(result) {
      for (const waiter of waiters) take(waiter, result);
    },
  };
}
