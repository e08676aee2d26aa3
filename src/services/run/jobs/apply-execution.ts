import { ExecutionSchema } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import type { ExecutionTemplate } from "../../../gen/google/cloud/run/v2/execution_template_pb.js";
import type { RunJobRequest_Overrides as Overrides } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import { lastSegment } from "../names.ts";
import type { Author } from "../services/service.ts";
import { violationError } from "../validate/violations.ts";
import { addExecution, noteExecution } from "./add-execution.ts";
import { changeableJob } from "./apply.ts";
import { executionNotFound, executionNotRunning } from "./errors.ts";
import { beingDeleted } from "../resource-errors.ts";
import { cancellingExecution, deletedExecution, newExecution, referenceTo } from "./execution.ts";
import { executionNameOf, jobNameOf } from "./names.ts";
import { overrideNaming } from "./naming.ts";
import { startOperation } from "../resource-operations.ts";
import type { ExecutionRecord, JobRecord } from "./store.ts";
import { withOverrides } from "./template.ts";
import { executionViolations } from "./validate.ts";
import { executionView } from "./view.ts";

const SUFFIX_LENGTH = 5;

/** A change of an execution under way, as the API methods answer it. */
export interface AppliedExecution {
  readonly record: ExecutionRecord;
  readonly operation: Operation;
}

/** What a client asks of a run. */
export interface RunRequest {
  readonly overrides: Overrides | undefined;
  /** Rejects when the job must not be run. */
  readonly check: (job: JobRecord) => void;
  readonly email: string;
}

/** Writes a new execution of a job, the operation and the wake-up in one transaction. */
export async function runJob(context: RunContext, name: string, request: RunRequest): Promise<AppliedExecution> {
  const author: Author = { email: request.email, nowMs: context.clock.nowMs() };
  return context.store.transact(async (transaction) => {
    const owner = await changeableJob(context, transaction, name);
    request.check(owner);
    const template = overriddenTemplate(owner, request.overrides);
    const id = await freeId(context, transaction, name);
    const { record } = await addExecution(context, transaction, owner, { id, template, author });
    const view = executionView(record);
    const { operationId } = record.hidden;
    return { record, operation: await startOperation(context, transaction, operationId, ExecutionSchema, view) };
  });
}

/** The execution that a run would write first; nothing is stored. */
export function plannedExecution(context: RunContext, owner: JobRecord, request: RunRequest): ExecutionRecord {
  request.check(owner);
  const author: Author = { email: request.email, nowMs: context.clock.nowMs() };
  const template = overriddenTemplate(owner, request.overrides);
  const id = `${lastSegment(owner.job.name)}-${context.ids.text(SUFFIX_LENGTH)}`;
  const execution = newExecution(owner.job, id, context.ids.uuid(), template, author);
  const { uid: jobUid, generation } = owner.job;
  const made = { jobUid, jobGeneration: Number(generation), jobVersion: owner.sequence ?? 0 };
  const hidden = { operationId: "", metadata: owner.hidden.template, ...made, isCancelled: false };
  return { execution, hidden, version: 1 };
}

/** Asks for the end of an execution that has not ended; `check` rejects when it must not be cancelled. */
export function cancelExecution(
  context: RunContext,
  name: string,
  check: (current: ExecutionRecord) => void,
): Promise<AppliedExecution> {
  const checkState = (record: ExecutionRecord) => {
    check(record);
    assertRunning(record);
  };
  return changeExecution(context, name, checkState, (record, nowMs) => ({
    ...record,
    execution: cancellingExecution(record.execution, nowMs),
    hidden: { ...record.hidden, isCancelled: true },
  }));
}

/** Marks an execution as on its way out, also while it runs; `check` rejects when it must not be deleted. */
export function deleteExecution(
  context: RunContext,
  name: string,
  check: (current: ExecutionRecord) => void,
): Promise<AppliedExecution> {
  return changeExecution(context, name, check, (record, nowMs) => ({
    ...record,
    execution: deletedExecution(record.execution, nowMs),
  }));
}

/** FAILED_PRECONDITION for an execution that has ended. */
export function assertRunning({ execution }: ExecutionRecord): void {
  if (!execution.reconciling) throw executionNotRunning(execution.name);
}

async function changeExecution(
  context: RunContext,
  name: string,
  check: (current: ExecutionRecord) => void,
  change: (record: ExecutionRecord, nowMs: number) => ExecutionRecord,
): Promise<AppliedExecution> {
  const { ids, clock, jobs, store, wakeups, attempts } = context;
  const operationId = ids.uuid();
  return store.transact(async (transaction) => {
    const current = await jobs.getExecution(name, transaction);
    if (!current) throw executionNotFound(name);
    if (current.execution.deleteTime) throw beingDeleted(name);
    check(current);
    const record = await jobs.updateExecution(transaction, change(current, clock.nowMs()));
    await noteExecution(context, transaction, jobNameOf(name), referenceTo(record.execution));
    const view = executionView(record);
    const operation = await startOperation(context, transaction, operationId, ExecutionSchema, view);
    await wakeups.wake(transaction, "run.execution", name);
    transaction.afterCommit(() => attempts.supersede(name));
    return { record, operation };
  });
}

function overriddenTemplate({ job }: JobRecord, overrides: Overrides | undefined): ExecutionTemplate {
  const template = withOverrides(job.template!, overrides);
  const violations = overrides ? executionViolations(template) : [];
  if (violations.length > 0) throw violationError(violations, overrideNaming);
  return template;
}

async function freeId({ ids, jobs }: RunContext, transaction: StoreTransaction, jobName: string): Promise<string> {
  for (;;) {
    const id = `${lastSegment(jobName)}-${ids.text(SUFFIX_LENGTH)}`;
    if (!(await jobs.getExecution(executionNameOf(jobName, id), transaction))) return id;
  }
}
