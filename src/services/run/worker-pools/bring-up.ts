import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { type BroughtUp, bringUpAll, type Trial } from "../revisions/bring-up-revision.ts";
import type { RunContext } from "../context.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { currentSplits, planSplits } from "./instance-splits.ts";
import { workerSpecOf } from "./revision-spec.ts";

/** Brings up the latest created revision of a worker pool, and those that are to have instances, beside those before. */
export function bringUpRevisions(context: RunContext, pool: WorkerPool, signal: AbortSignal): Promise<BroughtUp> {
  const { name: owner, generation, latestCreatedRevision, instanceSplits, scaling } = pool;
  const trial: Trial = {
    owner,
    generation,
    latestCreatedRevision,
    wanted: instanceSplits.map(({ revision }) => revision),
    // A worker pool that is scaled to nothing has no instance to look at.
    isChecked: scaling?.manualInstanceCount !== 0,
    prepare: async (record) => record,
    declare(revision) {
      const id = lastSegment(revision.name);
      const { counts } = planSplits(pool, id, () => true);
      // One that is to have no instances has one for a moment.
      context.placements.declare(owner, workerSpecOf(pool, revision, Math.max(1, counts.get(id) ?? 0)));
    },
    withdraw: () => context.placements.keepOnly(owner, runningNow(pool)),
  };
  return bringUpAll(context, trial, signal);
}

/** Full names of the revisions that have instances meanwhile. */
function runningNow(pool: WorkerPool): Set<string> {
  return new Set([...currentSplits(pool).counts.keys()].map((id) => revisionNameOf(pool.name, id)));
}
