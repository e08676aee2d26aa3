import { Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { type BroughtUp, settleRevision } from "../bring-up.ts";
import { checkSecrets } from "../check-secrets.ts";
import { type Failure, isInState } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { lastSegment, parseRevisionName, revisionNameOf } from "../names.ts";
import { pinImages } from "../pin-images.ts";
import { recordedFailure } from "../recorded-failure.ts";
import { CONFIGURATION_GENERATION, isReady } from "../revision.ts";
import type { Progress } from "../revision-outcome.ts";
import { startFailure } from "../start-failure.ts";
import { currentSplits, planSplits } from "./instance-splits.ts";
import { workerSpecOf } from "./revision-spec.ts";

/**
 * Makes sure that the latest created revision of a worker pool was seen to start, and so were those that are to have
 * instances. Resolves with the failure that stands in the way of the latest one, which the revision then tells, too.
 * Rejects when the signal aborts.
 */
export async function bringUpRevisions(context: RunContext, pool: WorkerPool, signal: AbortSignal): Promise<BroughtUp> {
  const latest = await bringUp(context, pool, pool.latestCreatedRevision, signal);
  if (!latest) throw new Error(`${pool.latestCreatedRevision} is not stored`);
  const named = new Set(pool.instanceSplits.map(({ revision }) => revision).filter(Boolean));
  named.delete(lastSegment(pool.latestCreatedRevision));
  for (const id of named) await bringUp(context, pool, revisionNameOf(pool.name, id), signal);
  return latest;
}

/** Resolves images and secrets of a revision and starts its instances, beside those of the revisions before it. */
async function bringUp(
  context: RunContext,
  pool: WorkerPool,
  name: string,
  signal: AbortSignal,
): Promise<BroughtUp | undefined> {
  const record = await context.rows.getRevision(name);
  if (!record) return undefined;
  if (isReady(record.revision)) return { failure: undefined, isNew: false };
  if (isInState(record.revision.conditions, "Ready", Condition_State.CONDITION_FAILED)) {
    const isNew = record.hidden.labels[CONFIGURATION_GENERATION] === String(pool.generation);
    return { failure: recordedFailure(record.revision), isNew };
  }
  const startMs = context.clock.nowMs();
  const { project } = parseRevisionName(name);
  const refused = await checkSecrets(context, { ...record.revision, project }, signal);
  if (refused) return settleRevision(context, record, refused, { startMs });
  const pinned = await pinImages(context, record, signal);
  if ("failure" in pinned) return settleRevision(context, record, pinned.failure, { startMs });
  // A worker pool that is scaled to nothing has no instance to look at.
  const isChecked = pool.scaling?.manualInstanceCount !== 0;
  const progress: Progress = { startMs, pinnedMs: context.clock.nowMs(), isChecked };
  const failure = isChecked ? await startInstances(context, pool, pinned.record.revision, signal) : undefined;
  if (failure) context.placements.keepOnly(pool.name, runningNow(pool));
  return settleRevision(context, pinned.record, failure, progress);
}

/** One that is to have no instances has one for a moment. */
async function startInstances(
  { placements, serving }: RunContext,
  pool: WorkerPool,
  revision: Revision,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const id = lastSegment(revision.name);
  const { counts } = planSplits(pool, id, () => true);
  placements.declare(pool.name, workerSpecOf(pool, revision, Math.max(1, counts.get(id) ?? 0)));
  const outcome = await serving.awaitReady(revision.name, signal);
  signal.throwIfAborted();
  return outcome.ready ? undefined : startFailure(revision, outcome);
}

/** Full names of the revisions that have instances meanwhile. */
export function runningNow(pool: WorkerPool): Set<string> {
  return new Set([...currentSplits(pool).counts.keys()].map((id) => revisionNameOf(pool.name, id)));
}
