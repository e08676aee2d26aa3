import type { RunContext } from "../context.ts";
import { every } from "../every.ts";
import { revisionNameOf } from "../names.ts";
import { currentSplits } from "./instance-splits.ts";
import { workerSpecOf } from "./revision-spec.ts";

/** Tells the serving floor of every worker pool's instances, so that they run again after a restart. */
export async function redeclareWorkerPools({ rows, workerPools, placements }: RunContext): Promise<void> {
  for await (const { workerPool: pool } of every(workerPools.all, "projects/-/locations/-")) {
    if (pool.deleteTime) continue;
    for (const [id, count] of currentSplits(pool).counts) {
      const found = await rows.getRevision(revisionNameOf(pool.name, id));
      if (found) placements.declare(pool.name, workerSpecOf(pool, found.revision, count));
    }
  }
}
