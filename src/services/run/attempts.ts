/** Runs of the reconciler that wait for instances, so that a newer intent can cut the wait short. */
export interface Attempts {
  /** A signal that aborts when `signal` does or when `supersede(key)` is called, until disposed. */
  begin(key: string, signal: AbortSignal): Attempt;
  /** Ends the run that works for an older intent, if there is one. */
  supersede(key: string): void;
}

export interface Attempt extends Disposable {
  readonly signal: AbortSignal;
}

/** Attempts by key; one key has at most one at a time, as the wake-ups promise. */
export function createAttempts(): Attempts {
  const running = new Map<string, AbortController>();
  return {
    begin(key, signal) {
      const superseded = new AbortController();
      running.set(key, superseded);
      return {
        signal: AbortSignal.any([signal, superseded.signal]),
        [Symbol.dispose]: () => void running.delete(key),
      };
    },
    supersede: (key) => running.get(key)?.abort(new Error("a newer intent is there")),
  };
}
