import { latestRevisionKept } from "../resource-errors.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import { revisionNotFound } from "../services/errors.ts";
import { lastSegment, ownerNameOf } from "../names.ts";
import { runningRevisionKept } from "./errors.ts";
import { keptRevisions } from "./prune-revisions.ts";

/** Rejects when a revision of a worker pool must stay: the latest one, and those that splits name or that run. */
export async function assertDeletable(
  { workerPools }: RunContext,
  transaction: StoreTransaction,
  name: string,
): Promise<void> {
  const owner = await workerPools.get(ownerNameOf(name), transaction);
  if (!owner) throw revisionNotFound(name);
  const { workerPool: pool } = owner;
  const id = lastSegment(name);
  if (pool.latestCreatedRevision === name) throw latestRevisionKept(id, "WorkerPool", lastSegment(pool.name));
  if (keptRevisions(pool).has(name)) throw runningRevisionKept(id);
}
