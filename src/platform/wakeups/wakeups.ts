import type { TimeDriven } from "../test-clock.ts";
import type { StoreTransaction } from "../store/store.ts";

/** What a look at one key led to. */
export type Outcome = { readonly settled: true } | { readonly settled: false; readonly retryInMs: number };

/**
 * Looks at stored intent and the real world, takes the next step, and says whether anything is left to do.
 * Gets nothing but the key; may run at any time, any number of times. A rejection is logged and retried with back-off.
 * The signal aborts only when the driver is disposed. A wake during a run does not abort it but leads to another run, so
 * a long run looks at its generation again between steps and returns early when it works for an old one.
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Outcome>;

/**
 * Durable wake-ups: one row per (kind, key), written in the transaction that makes a look necessary.
 * Of two wake-ups of one key the earlier counts: a look that finds something left for later says so in its outcome.
 */
export interface Wakeups {
  /** Asks for a look at `key` at `dueMs` (default: now), in the caller's transaction; the driver runs it after the commit. */
  wake(transaction: StoreTransaction, kind: string, key: string, dueMs?: number): Promise<void>;
  /** Asks for a look in a transaction of its own. */
  wakeNow(kind: string, key: string): Promise<void>;
}

/** Runs due wake-ups: different keys in parallel, one key never twice at the same time. */
export interface WakeupDriver extends Wakeups, TimeDriven, AsyncDisposable {
  /**
   * Starts looking; wake-ups of an earlier process are still there. Runs `scans` now and then to heal what was missed.
   * `parallelRuns` says how many keys of a kind are worked on at the same time; 16 for a kind that is not named.
   */
  start(
    reconcilers: Readonly<Record<string, Reconcile>>,
    scans: readonly Scan[],
    parallelRuns?: Readonly<Record<string, number>>,
  ): void;
  /** Resolves when no wake-up is due or running; for tests and orderly stops. */
  idle(): Promise<void>;
}

export interface Scan {
  readonly kind: string;
  /** Keys of everything unfinished of this kind. */
  readonly keys: () => Promise<readonly string[]>;
}
