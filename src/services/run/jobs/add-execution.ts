import type { ExecutionTemplate } from "../../../gen/google/cloud/run/v2/execution_template_pb.js";
import { clone } from "@bufbuild/protobuf";
import { JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import type { Author } from "../services/service.ts";
import { newExecution, referenceTo } from "./execution.ts";
import type { ExecutionRecord, JobRecord } from "./store.ts";

/** What a new execution is made of. */
export interface ExecutionPlan {
  /** JOB-SUFFIX */
  readonly id: string;
  /** The job's template with what the request overrides. */
  readonly template: ExecutionTemplate;
  readonly author: Author;
}

/** An execution and the job, which counts it, as they were written. */
export interface AddedExecution {
  readonly record: ExecutionRecord;
  readonly owner: JobRecord;
}

/** Writes a new execution, the job that counts it, and the wake-up. */
export async function addExecution(
  context: RunContext,
  transaction: StoreTransaction,
  owner: JobRecord,
  { id, template, author }: ExecutionPlan,
): Promise<AddedExecution> {
  const { ids, jobs, wakeups } = context;
  const execution = newExecution(owner.job, id, ids.uuid(), template, author);
  const hidden = {
    operationId: ids.uuid(),
    metadata: owner.hidden.template,
    jobUid: owner.job.uid,
    jobGeneration: Number(owner.job.generation),
    jobVersion: owner.sequence ?? 0,
    isCancelled: false,
  };
  const record = await jobs.insertExecution(transaction, { execution, hidden, version: 1 });
  const job = clone(JobSchema, owner.job);
  job.executionCount += 1;
  job.latestCreatedExecution = referenceTo(execution);
  await wakeups.wake(transaction, "run.execution", execution.name);
  return { record, owner: await jobs.updateJob(transaction, { ...owner, job }) };
}

/** Tells the job of its latest execution's state, and lets its reconciler look when that waits for the execution. */
export async function noteExecution(
  { jobs, wakeups }: RunContext,
  transaction: StoreTransaction,
  jobName: string,
  reference: ReturnType<typeof referenceTo>,
): Promise<void> {
  const owner = await jobs.getJob(jobName, transaction);
  if (!owner) return;
  if (owner.job.reconciling) await wakeups.wake(transaction, "run.job", jobName);
  if (owner.job.latestCreatedExecution?.name !== reference.name) return;
  const job = clone(JobSchema, owner.job);
  job.latestCreatedExecution = reference;
  await jobs.updateJob(transaction, { ...owner, job });
}
