import { type Job, JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import type { Author } from "../services/service.ts";
import type { HiddenMetadata } from "../store.ts";
import { assertSupportedFields } from "../validate/supported-fields.ts";
import { type FieldNaming, violationError } from "../validate/violations.ts";
import { addExecution } from "./add-execution.ts";
import { jobNotFound } from "./errors.ts";
import { beingDeleted, resourceExists } from "../resource-errors.ts";
import { changedJob, deletedJob, newJob, tokenOf, withJobDefaults } from "./job.ts";
import { executionNameOf } from "./names.ts";
import { startOperation } from "../resource-operations.ts";
import type { JobRecord } from "./store.ts";
import { jobViolations } from "./validate.ts";
import { jobView } from "./view.ts";

/** What a client wants a job to be: v2 fields, and what v1 adds to them. */
export interface JobWish {
  readonly job: Job;
  readonly metadata: HiddenMetadata;
  readonly template: HiddenMetadata;
}

/** A change of a job under way, as the API methods answer it. */
export interface AppliedJob {
  readonly record: JobRecord;
  readonly operation: Operation;
}

/** Fields that homerun does not act on in jobs. */
const UNSUPPORTED = {
  Job: ["binary_authorization"],
  TaskTemplate: ["encryption_key", "node_selector", "gpu_zonal_redundancy_disabled"],
  Container: ["source_code", "liveness_probe", "readiness_probe", "base_image_uri"],
};

/** Fills in defaults and rejects a wish that is not valid; `naming` says how the surface names fields. */
export function validJobWish(wish: JobWish, naming: FieldNaming): JobWish {
  assertSupportedFields(JobSchema, wish.job, "job", UNSUPPORTED);
  const job = withJobDefaults(wish.job);
  const violations = jobViolations(job);
  if (violations.length > 0) throw violationError(violations, naming);
  return { ...wish, job };
}

/** The record that creating a job would write first; nothing is stored. */
export function plannedJob(context: RunContext, wish: JobWish, email: string): JobRecord {
  const job = newJob(wish.job, context.ids.uuid(), { email, nowMs: context.clock.nowMs() });
  return recordOf(wish, job, "", 1);
}

/** Writes a new job, the execution that its token asks for, the operation and the wake-up in one transaction. */
export async function createJob(context: RunContext, wish: JobWish, email: string): Promise<AppliedJob> {
  const { ids, clock, jobs, store } = context;
  const [uid, operationId] = [ids.uuid(), ids.uuid()];
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const job = newJob(wish.job, uid, author);
    if (await jobs.getJob(job.name, transaction)) throw resourceExists(job.name);
    const record = await jobs.insertJob(transaction, recordOf(wish, job, operationId, 1));
    return started(context, transaction, await withTokenExecution(context, transaction, record, "", author));
  });
}

/**
 * Writes a changed job, the execution that a new token asks for, the operation and the wake-up in one transaction.
 * `wishOf` makes the valid wish from the stored job, and rejects what must not be changed.
 */
export async function updateJob(
  context: RunContext,
  name: string,
  wishOf: (current: JobRecord) => JobWish,
  email: string,
): Promise<AppliedJob> {
  const { ids, clock, jobs, store } = context;
  const operationId = ids.uuid();
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await changeableJob(context, transaction, name);
    const wish = wishOf(current);
    const job = changedJob(current.job, wish.job, author);
    const record = await jobs.updateJob(transaction, recordOf(wish, job, operationId, current.version));
    const tokenBefore = tokenOf(current.job);
    return started(context, transaction, await withTokenExecution(context, transaction, record, tokenBefore, author));
  });
}

/** Marks a job as on its way out, with operation and wake-up; `check` rejects when it must not be deleted. */
export async function deleteJob(
  context: RunContext,
  name: string,
  check: (current: JobRecord) => void,
  email: string,
): Promise<AppliedJob> {
  const { ids, clock, jobs, store } = context;
  const operationId = ids.uuid();
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await changeableJob(context, transaction, name);
    check(current);
    const hidden = { ...current.hidden, operationId };
    const job = deletedJob(current.job, author);
    return started(context, transaction, await jobs.updateJob(transaction, { ...current, job, hidden }));
  });
}

/** The job, unless it is on its way out; NOT_FOUND when there is none. */
export async function changeableJob(
  { jobs }: RunContext,
  transaction: StoreTransaction,
  name: string,
): Promise<JobRecord> {
  const current = await jobs.getJob(name, transaction);
  if (!current) throw jobNotFound(name);
  if (current.job.deleteTime) throw beingDeleted(name);
  return current;
}

/** A token names one execution for good: nothing happens when it is sent again. Google: job.proto, create_execution. */
async function withTokenExecution(
  context: RunContext,
  transaction: StoreTransaction,
  record: JobRecord,
  tokenBefore: string,
  author: Author,
): Promise<JobRecord> {
  const token = tokenOf(record.job);
  const { name } = record.job;
  const id = `${name.slice(name.lastIndexOf("/") + 1)}-${token}`;
  if (token === "" || token === tokenBefore) return record;
  if (await context.jobs.getExecution(executionNameOf(name, id), transaction)) return record;
  return (await addExecution(context, transaction, record, { id, template: record.job.template!, author })).owner;
}

async function started(context: RunContext, transaction: StoreTransaction, record: JobRecord): Promise<AppliedJob> {
  const { operationId } = record.hidden;
  const operation = await startOperation(context, transaction, operationId, JobSchema, jobView(record));
  await context.wakeups.wake(transaction, "run.job", record.job.name);
  return { record, operation };
}

function recordOf(wish: JobWish, job: Job, operationId: string, version: number): JobRecord {
  return { job, hidden: { operationId, metadata: wish.metadata, template: wish.template }, version };
}
