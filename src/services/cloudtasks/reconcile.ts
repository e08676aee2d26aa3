import type { Outcome, Reconcile } from "../../platform/wakeups/wakeups.ts";
import { type Deps, PURGE_KIND } from "./deps.ts";
import { LIMITS } from "./limits.ts";
import { tombstoneOf } from "./tasks/tombstone.ts";

/** The key of a purge: the queue's uid and the number of the youngest task that goes. */
export function purgeKey(queueUid: string, born: number): string {
  return `${queueUid} ${born}`;
}

/** What removes the tasks of purged and deleted queues, some at a time: nobody sees them any more by then. */
export function reconcilers(deps: Deps): Readonly<Record<string, Reconcile>> {
  return { [PURGE_KIND]: (key) => purge(deps, key) };
}

async function purge({ store, clock, tasks, tombstones }: Deps, key: string): Promise<Outcome> {
  const [queueUid = "", born] = key.split(" ");
  const more = await store.transact(async (transaction) => {
    const deleted = await tasks.deleteBorn(transaction, queueUid, Number(born));
    const names = deleted.named.map(({ id }) => tombstoneOf(queueUid, id));
    await tombstones.put(transaction, names, clock.nowMs() + LIMITS.taskTombstoneMs);
    return deleted.more;
  });
  return more ? { settled: false, retryInMs: 0 } : { settled: true };
}
