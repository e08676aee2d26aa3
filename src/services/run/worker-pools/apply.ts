import { beingDeleted, resourceExists } from "../resource-errors.ts";
import { Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { isInState } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { revisionExists } from "../services/errors.ts";
import { startOperation } from "../resource-operations.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { CONFIGURATION_GENERATION, revisionIdOf } from "../revisions/revision.ts";
import type { Author } from "../services/service.ts";
import type { HiddenMetadata, RevisionRecord } from "../store.ts";
import { type FieldNaming, violationError } from "../validate/violations.ts";
import { workerPoolNotFound } from "./errors.ts";
import { isLatest } from "./instance-splits.ts";
import { pruneRevisions } from "./prune-revisions.ts";
import { newRevision } from "./revision.ts";
import type { WorkerPoolRecord } from "./store.ts";
import { assertSupportedWorkerPool } from "./supported.ts";
import { isSameTemplate } from "./template.ts";
import { workerPoolViolations } from "./validate.ts";
import { workerPoolView } from "./view.ts";
import {
  changedWorkerPool,
  deletedWorkerPool,
  newWorkerPool,
  setLatestCreated,
  withWorkerPoolDefaults,
} from "./worker-pool.ts";

/** What a client wants a worker pool to be: v2 fields, and what v1 adds to them. */
export interface WorkerPoolWish {
  readonly workerPool: WorkerPool;
  readonly metadata: HiddenMetadata;
  readonly template: HiddenMetadata;
  /** Whether a revision is made also of an unchanged template. */
  readonly forceNewRevision?: boolean;
}

/** A change of a worker pool under way, as the API methods answer it. */
export interface AppliedWorkerPool {
  readonly record: WorkerPoolRecord;
  readonly operation: Operation;
}

/** Fills in defaults and rejects a wish that is not valid; `naming` says how the surface names fields. */
export function validWorkerPoolWish(wish: WorkerPoolWish, naming: FieldNaming): WorkerPoolWish {
  assertSupportedWorkerPool(wish.workerPool);
  const workerPool = withWorkerPoolDefaults(wish.workerPool);
  const violations = workerPoolViolations(workerPool);
  if (violations.length > 0) throw violationError(violations, naming);
  return { ...wish, workerPool };
}

/** The record that creating a worker pool would write first; nothing is stored. */
export function plannedWorkerPool(context: RunContext, wish: WorkerPoolWish, email: string): WorkerPoolRecord {
  const author = { email, nowMs: context.clock.nowMs() };
  return recordOf(wish, newWorkerPool(wish.workerPool, context.ids.uuid(), author), "", 1);
}

/** Writes a new worker pool, its first revision, the operation and the wake-up in one transaction. */
export async function createWorkerPool(
  context: RunContext,
  wish: WorkerPoolWish,
  email: string,
): Promise<AppliedWorkerPool> {
  const { ids, clock, workerPools, store } = context;
  const [uid, operationId, revisionUid] = [ids.uuid(), ids.uuid(), ids.uuid()];
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const pool = newWorkerPool(wish.workerPool, uid, author);
    if (await workerPools.get(pool.name, transaction)) throw resourceExists(pool.name);
    await addRevision(context, transaction, pool, wish.template, revisionUid);
    return started(context, transaction, await workerPools.insert(transaction, recordOf(wish, pool, operationId, 1)));
  });
}

/**
 * Writes a changed worker pool, its new revision if the template changed, the operation and the wake-up in one
 * transaction. `wishOf` makes the valid wish from the stored one, and rejects what must not be changed.
 */
export async function updateWorkerPool(
  context: RunContext,
  name: string,
  wishOf: (current: WorkerPoolRecord) => WorkerPoolWish,
  email: string,
): Promise<AppliedWorkerPool> {
  const { ids, clock, workerPools, rows, store } = context;
  const [operationId, revisionUid] = [ids.uuid(), ids.uuid()];
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await changeable(context, transaction, name);
    const wish = wishOf(current);
    const pool = changedWorkerPool(current.workerPool, wish.workerPool, author);
    const latest = await rows.getRevision(current.workerPool.latestCreatedRevision, transaction);
    if (wish.forceNewRevision || needsRevision(current.workerPool, pool, latest)) {
      await addRevision(context, transaction, pool, wish.template, revisionUid);
    }
    const record = recordOf(wish, pool, operationId, current.version);
    return started(context, transaction, await workerPools.update(transaction, record));
  });
}

/** Marks a worker pool as on its way out, with operation and wake-up; `check` rejects when it must not be deleted. */
export async function deleteWorkerPool(
  context: RunContext,
  name: string,
  check: (current: WorkerPoolRecord) => void,
  email: string,
): Promise<AppliedWorkerPool> {
  const { ids, clock, workerPools, store } = context;
  const operationId = ids.uuid();
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await changeable(context, transaction, name);
    check(current);
    const workerPool = deletedWorkerPool(current.workerPool, author);
    const record = { ...current, workerPool, hidden: { ...current.hidden, operationId } };
    return started(context, transaction, await workerPools.update(transaction, record));
  });
}

async function changeable({ workerPools }: RunContext, transaction: StoreTransaction, name: string) {
  const current = await workerPools.get(name, transaction);
  if (!current) throw workerPoolNotFound(name);
  if (current.workerPool.deleteTime) throw beingDeleted(name);
  return current;
}

/**
 * Whether a change makes a revision: its template differs from the one before, or asks for another name than that got,
 * or the revision that was made of it failed and instances of it are wanted as before.
 */
function needsRevision(before: WorkerPool, after: WorkerPool, latest: RevisionRecord | undefined): boolean {
  if (!isSameTemplate(before.template!, after.template!)) return true;
  const named = after.template!.revision;
  if (named !== "") return named !== lastSegment(before.latestCreatedRevision);
  const hasFailed = isInState(latest?.revision.conditions ?? [], "Ready", Condition_State.CONDITION_FAILED);
  return hasFailed && before.instanceSplits.some(isLatest) && after.instanceSplits.some(isLatest);
}

async function addRevision(
  { rows, clock }: RunContext,
  transaction: StoreTransaction,
  pool: WorkerPool,
  hidden: HiddenMetadata,
  uid: string,
): Promise<void> {
  const id = revisionIdOf(pool);
  const revision = newRevision(pool, id, uid, clock.nowMs());
  if (await rows.getRevision(revisionNameOf(pool.name, id), transaction)) throw revisionExists(id);
  const labels = { ...hidden.labels, [CONFIGURATION_GENERATION]: String(pool.generation) };
  await rows.insertRevision(transaction, { revision, hidden: { ...hidden, labels }, version: 1 });
  setLatestCreated(pool, id);
  await pruneRevisions(rows, transaction, pool);
}

async function started(
  context: RunContext,
  transaction: StoreTransaction,
  record: WorkerPoolRecord,
): Promise<AppliedWorkerPool> {
  const { name } = record.workerPool;
  const view = workerPoolView(record);
  const operation = await startOperation(context, transaction, record.hidden.operationId, WorkerPoolSchema, view);
  await context.wakeups.wake(transaction, "run.workerPool", name);
  transaction.afterCommit(() => context.attempts.supersede(name));
  return { record, operation };
}

function recordOf(
  { metadata, template }: WorkerPoolWish,
  workerPool: WorkerPool,
  operationId: string,
  version: number,
): WorkerPoolRecord {
  return { workerPool, hidden: { operationId, metadata, template }, version };
}
