import { clone } from "@bufbuild/protobuf";
import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { BroughtUp } from "../revisions/bring-up-revision.ts";
import { conditionOf, type Failure, failed, SUCCEEDED } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { finishOperations } from "../resource-operations.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { failureOfChange, missingFailure, revisionsOf } from "../revisions/owned-revisions.ts";
import { isReady } from "../revisions/revision.ts";
import { updateStatesOf } from "../revisions/revision-states.ts";
import { currentSplits, isLatest, planSplits, type SplitPlan } from "./instance-splits.ts";
import { moveInstances } from "./move-instances.ts";
import type { WorkerPoolRecord } from "./store.ts";
import { workerPoolView } from "./view.ts";

/**
 * Moves instances and writes the outcome, given what stands in the way of the latest created revision. A worker pool
 * that fails goes on running what it ran. Resolves with false when a newer intent came in between: nothing was written.
 */
export async function settleWorkerPool(
  context: RunContext,
  record: WorkerPoolRecord,
  latest: BroughtUp,
  signal: AbortSignal,
): Promise<boolean> {
  const { workerPool: pool } = record;
  const latestReady = latest.failure ? pool.latestReadyRevision : pool.latestCreatedRevision;
  const latestReadyId = latestReady === "" ? undefined : lastSegment(latestReady);
  const named = pool.instanceSplits.map(({ revision }) => revision);
  const running = currentSplits(pool).counts.keys();
  const revisions = await revisionsOf(context, pool.name, [...named, ...running, latestReadyId ?? ""]);
  const wanted = planSplits(pool, latestReadyId, (id) => revisions.has(id) && isReady(revisions.get(id)!));
  const splitFailure = missingFailure(revisions, wanted.missing[0]);
  const plan = splitFailure ? currentSplits(pool) : wanted;

  await moveInstances(context, pool, plan, revisions, signal);
  const settlement: Settlement = { latestReady, plan, latest, splitFailure };
  const written = await context.store.transact((transaction) => writeOutcome(context, transaction, record, settlement));
  if (written) {
    const wantedNames = [...plan.counts.keys()].map((id) => revisionNameOf(pool.name, id));
    context.placements.keepOnly(pool.name, new Set(wantedNames));
  }
  return written;
}

interface Settlement {
  readonly latestReady: string;
  readonly plan: SplitPlan;
  /** Whether the latest created revision is ready, and why not. */
  readonly latest: BroughtUp;
  /** Why instances cannot go where they are to go. */
  readonly splitFailure: Failure | undefined;
}

async function writeOutcome(
  context: RunContext,
  transaction: StoreTransaction,
  record: WorkerPoolRecord,
  settlement: Settlement,
): Promise<boolean> {
  const stored = await context.workerPools.get(record.workerPool.name, transaction);
  if (stored?.workerPool.generation !== record.workerPool.generation) return false;
  const nowMs = context.clock.nowMs();
  const { latestCreatedRevision, instanceSplits } = stored.workerPool;
  const { latest, splitFailure } = settlement;
  const problem = failureOfChange(latestCreatedRevision, latest, instanceSplits.some(isLatest), splitFailure);
  const workerPool = settled(stored.workerPool, settlement, problem, nowMs);
  const written = await context.workerPools.update(transaction, { ...stored, workerPool });
  await updateStatesOf(context, transaction, workerPool, {
    before: new Set(currentSplits(stored.workerPool).counts.keys()),
    after: new Set(settlement.plan.counts.keys()),
    warm: { startMs: nowMs, counts: new Map(), provisioned: new Set() },
  });
  const error = problem && new ApiError(problem.code, problem.message);
  await finishOperations(context, transaction, WorkerPoolSchema, workerPoolView(written), error);
  return true;
}

/** Google: worker_pool.proto, WorkerPool.reconciling tells what is shown after success and after failure. */
function settled(
  stored: WorkerPool,
  { plan, latestReady }: Settlement,
  problem: Failure | undefined,
  nowMs: number,
): WorkerPool {
  const pool = clone(WorkerPoolSchema, stored);
  const before = pool.terminalCondition ? [pool.terminalCondition] : [];
  pool.terminalCondition = conditionOf("Ready", before, problem ? failed(problem) : SUCCEEDED, nowMs);
  pool.latestReadyRevision = latestReady;
  pool.instanceSplitStatuses = [...plan.statuses];
  if (!problem) pool.observedGeneration = pool.generation;
  pool.reconciling = false;
  return pool;
}
