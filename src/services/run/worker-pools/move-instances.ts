import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { RunContext } from "../context.ts";
import type { SplitPlan } from "./instance-splits.ts";
import { workerSpecOf } from "./revision-spec.ts";

/** How long is waited for instances; then those that they replace go all the same, as with services. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/**
 * Starts the instances that the plan gives to revisions, and only when they run takes away those that it does not:
 * revisions that are to have fewer are told last. Rejects when the signal aborts.
 */
export async function moveInstances(
  context: RunContext,
  pool: WorkerPool,
  { counts }: SplitPlan,
  revisions: ReadonlyMap<string, Revision>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = [...counts].flatMap(([id, count]) => {
    const revision = revisions.get(id);
    return revision ? [{ revision, count }] : [];
  });
  const { serving, placements } = context;
  const growing = wanted.filter(({ revision, count }) => runningOf(serving, revision) < count);
  const declare = ({ revision, count }: (typeof wanted)[number]) =>
    placements.declare(pool.name, workerSpecOf(pool, revision, count));
  for (const each of growing) declare(each);
  await waitFor(context, growing, signal);
  for (const each of wanted) declare(each);
}

async function waitFor(
  { serving, clock }: RunContext,
  wanted: readonly { readonly revision: Revision; readonly count: number }[],
  signal: AbortSignal,
): Promise<void> {
  const startMs = clock.nowMs();
  const isMissing = () => wanted.some(({ revision, count }) => runningOf(serving, revision) < count);
  while (isMissing() && clock.nowMs() - startMs < PATIENCE_MS) await clock.sleep(LOOK_EVERY_MS, signal);
}

function runningOf(serving: RunContext["serving"], { name }: Revision): number {
  const { active, idle } = serving.instanceCounts(name);
  return active + idle;
}
