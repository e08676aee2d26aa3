import type { Store, StoreTransaction } from "../../platform/store/store.ts";

/** Small transactions that share commits: what comes while one is on its way to the disk goes with the next one. */
export interface GroupCommit {
  /** Durable when it resolves. A body that throws has not written anything before, since the others' writes stay. */
  run<Result>(body: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>;
}

/** Most bodies in one transaction. */
const MOST_TOGETHER = 256;

interface Waiting {
  readonly body: (transaction: StoreTransaction) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Ended = { readonly result: unknown } | { readonly error: unknown };

/** Group commit on a store. */
export function createGroupCommit(store: Store): GroupCommit {
  let waiting: Waiting[] = [];
  let committing = false;

  async function commitAll(): Promise<void> {
    committing = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_TOGETHER);
      waiting = waiting.slice(MOST_TOGETHER);
      await commitTogether(store, batch);
    }
    committing = false;
  }

  return {
    run<Result>(body: (transaction: StoreTransaction) => Promise<Result>) {
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ body, resolve: resolve as (result: unknown) => void, reject });
        if (!committing) void commitAll();
      });
    },
  };
}

async function commitTogether(store: Store, batch: readonly Waiting[]): Promise<void> {
  try {
    const ends = await store.transact(async (transaction) => {
      const all: Ended[] = [];
      for (const { body } of batch) all.push(await endOf(() => body(transaction)));
      return all;
    });
    for (const [index, end] of ends.entries())
      if ("error" in end) batch[index]!.reject(end.error);
      else batch[index]!.resolve(end.result);
  } catch (error) {
    // A failed statement loses the transaction: then each is on its own.
    if (batch.length === 1) return batch[0]!.reject(error);
    for (const one of batch) await commitTogether(store, [one]);
  }
}

async function endOf(work: () => Promise<unknown>): Promise<Ended> {
  try {
    return { result: await work() };
  } catch (error) {
    return { error };
  }
}
