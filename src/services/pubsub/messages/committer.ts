import type { Store, StoreTransaction } from "../../../platform/store/store.ts";

/** Something to be written; it may be written again in another transaction when the first one fails. */
export interface Work {
  write(transaction: StoreTransaction): Promise<void>;
}

/** Group commit: everything that is asked for while a transaction is under way shares the next one. */
export interface Committer {
  /** Resolves once it is durable; rejects when it is not. */
  commit(work: Work): Promise<void>;
  /** Resolves when nothing is left to write. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly work: Work;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createCommitter(store: Pick<Store, "transactAside">): Committer {
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      // What arrived by the same turn of the event loop goes along.
      await new Promise((resolve) => setImmediate(resolve));
      const group = waiting;
      waiting = [];
      await commitAll(store, group);
    }
    running = undefined;
  }

  return {
    commit(work) {
      return new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        running ??= run();
      });
    },
    idle: async () => running,
  };
}

/** One transaction for all; when it fails, one for each, so that what cannot be written fails alone. */
async function commitAll(store: Pick<Store, "transactAside">, group: readonly Waiting[]): Promise<void> {
  try {
    await store.transactAside(async (transaction) => {
      for (const { work } of group) await work.write(transaction);
    });
    for (const { resolve } of group) resolve();
  } catch (error) {
    if (group.length === 1) group[0]!.reject(error);
    else for (const each of group) await commitAll(store, [each]);
  }
}
