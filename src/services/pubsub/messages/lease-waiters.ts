import type { Grant, Granted } from "./delivery/types.ts";
import type { LeaseLimits } from "./engine.ts";

/** Those who wait for messages of one subscription. */
export interface LeaseWaiters {
  readonly size: number;
  /** Resolves with at least one grant, or with none when the signal aborts. */
  wait(limits: LeaseLimits, signal: AbortSignal): Promise<readonly Grant[]>;
  /**
   * Gives each its turn, in the order of their coming, until there is nothing for anybody; all get about the same of
   * what there is. Returns the message that has to be read before it goes on.
   */
  serve(grant: (limits: LeaseLimits, share: number) => Granted, end: number): number | undefined;
  /** All who wait get an error. */
  end(error: unknown): void;
}

interface Waiter {
  readonly limits: LeaseLimits;
  readonly resolve: (grants: readonly Grant[]) => void;
  readonly reject: (error: unknown) => void;
}

export function createLeaseWaiters(): LeaseWaiters {
  const waiters = new Set<Waiter>();
  let lastEnd = 0;

  return {
    get size() {
      return waiters.size;
    },
    wait(limits, signal) {
      return new Promise((resolve, reject) => {
        const done = () => {
          waiters.delete(waiter);
          signal.removeEventListener("abort", abort);
        };
        const waiter: Waiter = {
          limits,
          resolve: (grants) => (done(), resolve(grants)),
          reject: (error) => (done(), reject(error)),
        };
        const abort = () => waiter.resolve([]);
        signal.addEventListener("abort", abort, { once: true });
        waiters.add(waiter);
      });
    },
    serve(grant, end) {
      // What was published since the last time is for all of them.
      const share = Math.ceil(Math.max(1, end - lastEnd) / Math.max(1, waiters.size));
      const isShared = waiters.size > 1 && lastEnd > 0;
      lastEnd = end;
      for (const waiter of waiters) {
        const { grants, missing } = grant(waiter.limits, isShared ? Math.max(share, 10) : Infinity);
        if (grants.length > 0) waiter.resolve(grants);
        if (missing !== undefined && grants.length === 0) return missing;
      }
      return undefined;
    },
    end(error) {
      for (const waiter of waiters) waiter.reject(error);
    },
  };
}
