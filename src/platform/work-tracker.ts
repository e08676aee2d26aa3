import type { Store } from "./store/store.ts";
import type { TimeDriven } from "./test-clock.ts";

/** Knows what is under way, so that a test clock waits for it before time goes on. */
export interface WorkTracker extends TimeDriven {
  /** Counts the promise among the work until it is settled; answers it. */
  track<Result>(work: Promise<Result>): Promise<Result>;
}

/** A tracker of nothing so far. */
export function createWorkTracker(): WorkTracker {
  const underWay = new Set<Promise<unknown>>();
  return {
    track(work) {
      const ended: Promise<void> = work.then(
        () => void underWay.delete(ended),
        () => void underWay.delete(ended),
      );
      underWay.add(ended);
      return work;
    },
    nextDueMs: () => Promise.resolve(undefined),
    startDue: () => Promise.resolve([...underWay]),
  };
}

/** The store, with each of its transactions counted as work. */
export function trackedStore(store: Store, { track }: WorkTracker): Store {
  return {
    read: () => store.read(),
    transact: (body) => track(store.transact(body)),
    transactAside: (body) => track(store.transactAside(body)),
    transactRelaxed: (body) => track(store.transactRelaxed(body)),
    migrate: (owner, migrations) => store.migrate(owner, migrations),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
