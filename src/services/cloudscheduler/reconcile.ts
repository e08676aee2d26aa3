import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Job, Job_State } from "../../gen/google/cloud/scheduler/v1/job_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Outcome, Reconcile } from "../../platform/wakeups/wakeups.ts";
import { attempt, type AttemptOutcome } from "./attempt.ts";
import { type Deps, FORCED_KIND, JOB_KIND } from "./deps.ts";
import { logFinished, logStarted } from "./execution-log.ts";
import { type JobState, retryRuleOf, scheduleOf, stateOf, steppedJobRow } from "./job.ts";
import { begun, ended, type Execution, retryOf } from "./line.ts";

const SETTLED: Outcome = { settled: true };

/** What runs jobs: one for each job's schedule, and one for each execution that RunJob asked for. */
export function reconcilers(deps: Deps): Readonly<Record<string, Reconcile>> {
  return { [JOB_KIND]: reconcileJob(deps), [FORCED_KIND]: reconcileForced(deps) };
}

/** The attempt is written down before it is made, and again after it: one that a crash cut off is made again. */
function reconcileJob(deps: Deps): Reconcile {
  return async (name, signal) => {
    const state = await beginScheduled(deps, name);
    if (!state?.execution) return SETTLED;
    const { job, execution, uid } = state;
    if (execution.dueMs > deps.clock.nowMs()) return lookAgainAt(deps, execution.dueMs);
    const outcome = await attemptLogged(deps, job, execution, signal);
    const next = await endScheduled(deps, { name, uid }, execution, outcome);
    return next ? lookAgainAt(deps, next.dueMs) : SETTLED;
  };
}

/** The job with the attempt that is due written down, or as it is when none is; undefined when it is not to run. */
function beginScheduled(deps: Deps, name: string): Promise<(JobState & { readonly uid: string }) | undefined> {
  return deps.store.transact(async (transaction) => {
    const row = await deps.jobs.get(name, transaction);
    if (!row) return undefined;
    const state = stateOf(row);
    if (state.job.state !== Job_State.ENABLED || !state.execution) return undefined;
    const nowMs = deps.clock.nowMs();
    if (state.execution.dueMs > nowMs) return { ...state, uid: row.uid };
    const execution = begun(state.execution, scheduleOf(state.job), nowMs);
    const job = attemptedAt(state.job, nowMs);
    await deps.jobs.update(transaction, steppedJobRow(row, { job, execution }));
    return { job, execution, uid: row.uid };
  });
}

/** Writes down how the attempt went; what its user changed meanwhile stays. Answers the execution that comes next. */
function endScheduled(
  deps: Deps,
  attempted: { readonly name: string; readonly uid: string },
  execution: Execution,
  outcome: AttemptOutcome,
): Promise<Execution | undefined> {
  return deps.store.transact(async (transaction) => {
    const row = await deps.jobs.get(attempted.name, transaction);
    if (row?.uid !== attempted.uid) return undefined;
    const { job, execution: present } = stateOf(row);
    const isSame = present?.scheduledMs === execution.scheduledMs && present.startMs === execution.startMs;
    const succeeded = outcome.code === Code.OK;
    const next = isSame ? ended(execution, succeeded, scheduleOf(job), retryRuleOf(job), deps.clock.nowMs()) : present;
    await deps.jobs.update(transaction, steppedJobRow(row, { job: withStatus(job, outcome), execution: next }));
    return next;
  });
}

/** An execution beside the schedule, with its retries. */
function reconcileForced(deps: Deps): Reconcile {
  return async (id, signal) => {
    const forced = await deps.forced.get(id);
    if (!forced) return SETTLED;
    const nowMs = deps.clock.nowMs();
    if (forced.execution.dueMs > nowMs) return lookAgainAt(deps, forced.execution.dueMs);
    const execution = { ...forced.execution, startMs: forced.execution.startMs ?? nowMs };
    const begin = await changeJob(
      deps,
      forced.job,
      (job) => attemptedAt(job, nowMs),
      async (transaction) => {
        await deps.forced.put(transaction, { ...forced, execution });
      },
    );
    if (!begin) return SETTLED;
    const outcome = await attemptLogged(deps, begin, execution, signal);
    const retry = outcome.code === Code.OK ? undefined : retryOf(execution, retryRuleOf(begin), deps.clock.nowMs());
    await changeJob(
      deps,
      forced.job,
      (job) => withStatus(job, outcome),
      async (transaction) => {
        if (retry) await deps.forced.put(transaction, { ...forced, execution: retry });
        else await deps.forced.delete(transaction, id);
      },
    );
    return retry ? lookAgainAt(deps, retry.dueMs) : SETTLED;
  };
}

/** Changes a job and something more in one transaction; undefined, and nothing is changed, when there is no such job any more. */
function changeJob(
  { store, jobs }: Deps,
  name: string,
  change: (job: Job) => Job,
  more: (transaction: StoreTransaction) => Promise<void>,
): Promise<Job | undefined> {
  return store.transact(async (transaction) => {
    const row: ResourceRow | undefined = await jobs.get(name, transaction);
    if (!row) return undefined;
    const state = stateOf(row);
    const job = change(state.job);
    await jobs.update(transaction, steppedJobRow(row, { ...state, job }));
    await more(transaction);
    return job;
  });
}

async function attemptLogged(
  deps: Deps,
  job: Job,
  { scheduledMs }: Execution,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  await logStarted(deps, job, scheduledMs);
  const outcome = await attempt(deps, job, scheduledMs, signal);
  await logFinished(deps, job, outcome);
  return outcome;
}

function attemptedAt(job: Job, nowMs: number): Job {
  return { ...job, lastAttemptTime: timestampFromMs(nowMs) };
}

/** As Google shows it: the code alone. */
function withStatus(job: Job, { code }: AttemptOutcome): Job {
  return { ...job, status: create(StatusSchema, { code }) };
}

function lookAgainAt({ clock }: Deps, timeMs: number): Outcome {
  return { settled: false, retryInMs: Math.max(timeMs - clock.nowMs(), 0) };
}
