import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { MAX_REVISIONS } from "../limits.ts";
import { revisionNameOf } from "../names.ts";
import type { RunStore } from "../store.ts";
import { currentSplits } from "./instance-splits.ts";

/** Most revisions that one change deletes. */
const BATCH = 100;

/** Deletes the oldest revisions above the quota that have no instances and are to have none, as those of services. */
export async function pruneRevisions(
  rows: Pick<RunStore, "revisionNamesAfter" | "deleteRevision">,
  transaction: StoreTransaction,
  pool: WorkerPool,
): Promise<void> {
  const kept = keptRevisions(pool);
  for (const name of await rows.revisionNamesAfter(transaction, pool.name, MAX_REVISIONS, BATCH)) {
    if (!kept.has(name)) await rows.deleteRevision(transaction, name);
  }
}

/** Full names of the revisions that a worker pool needs. */
export function keptRevisions(pool: WorkerPool): Set<string> {
  const named = pool.instanceSplits.map(({ revision }) => revision).filter(Boolean);
  const names = [...named, ...currentSplits(pool).counts.keys()].map((id) => revisionNameOf(pool.name, id));
  return new Set([...names, pool.latestCreatedRevision, pool.latestReadyRevision]);
}
