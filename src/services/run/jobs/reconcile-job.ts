import { clone } from "@bufbuild/protobuf";
import { type Job, JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { ApiError } from "../../../wire/errors.ts";
import { conditionOf, type Failure, failed, SUCCEEDED } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { lastSegment } from "../names.ts";
import { finishOperations } from "../resource-operations.ts";
import { finishJobDeletion } from "./delete.ts";
import { storedFailureOf } from "./failure.ts";
import { resolveTemplate } from "./resolve-template.ts";
import { tokenOf } from "./job.ts";
import { executionNameOf, parseJobName } from "./names.ts";
import type { JobRecord } from "./store.ts";
import { jobView } from "./view.ts";

const SETTLED: Outcome = { settled: true };
const LOOK_AGAIN: Outcome = { settled: false, retryInMs: 0 };

/**
 * Brings jobs (keys are full names) to what was asked of them: ready once their secrets and images are found and the execution that
 * a token asks for has started or ended, as the token says. Executions wake their job.
 */
export function reconcileJob(context: RunContext): Reconcile {
  return async (name, signal) => {
    const record = await context.jobs.getJob(name);
    if (!record?.job.reconciling) return SETTLED;
    if (record.job.deleteTime) return finishJobDeletion(context, name);
    const { project } = parseJobName(name);
    const resolved = await resolveTemplate(context, project, record.job.template!.template!, signal);
    const failure = "failure" in resolved ? resolved.failure : undefined;
    return context.store.transact((transaction) => settleJob(context, transaction, record, failure));
  };
}

async function settleJob(
  context: RunContext,
  transaction: StoreTransaction,
  seen: JobRecord,
  imageFailure: Failure | undefined,
): Promise<Outcome> {
  const stored = await context.jobs.getJob(seen.job.name, transaction);
  if (stored?.hidden.operationId !== seen.hidden.operationId) return LOOK_AGAIN;
  const execution = imageFailure ? READY : await tokenState(context, transaction, stored.job);
  if (execution === "waiting") return SETTLED;
  const failure = imageFailure ?? execution.failure;
  const job = settledJob(stored.job, failure, context.clock.nowMs());
  const record = await context.jobs.updateJob(transaction, { ...stored, job });
  const error = failure && new ApiError(failure.code, failure.message);
  await finishOperations(context, transaction, JobSchema, jobView(record), error);
  return SETTLED;
}

interface Ready {
  /** What became of the execution that the job waited for. */
  readonly failure: Failure | undefined;
}

const READY: Ready = { failure: undefined };

/** Google: job.proto, Job.start_execution_token and run_execution_token. */
async function tokenState({ jobs }: RunContext, transaction: StoreTransaction, job: Job): Promise<Ready | "waiting"> {
  const token = tokenOf(job);
  if (token === "") return READY;
  const name = executionNameOf(job.name, `${lastSegment(job.name)}-${token}`);
  const execution = (await jobs.getExecution(name, transaction))?.execution;
  if (!execution) return READY;
  if (execution.completionTime) return { failure: storedFailureOf(execution) };
  return job.createExecution.case === "startExecutionToken" && execution.startTime ? READY : "waiting";
}

function settledJob(stored: Job, failure: Failure | undefined, nowMs: number): Job {
  const job = clone(JobSchema, stored);
  const before = job.terminalCondition ? [job.terminalCondition] : [];
  job.terminalCondition = conditionOf("Ready", before, failure ? failed(failure) : SUCCEEDED, nowMs);
  if (!failure) job.observedGeneration = job.generation;
  job.reconciling = false;
  return job;
}
