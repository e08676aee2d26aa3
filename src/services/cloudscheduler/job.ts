import { clone, create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { durationFromMs, durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Job, Job_State, JobSchema, RetryConfigSchema } from "../../gen/google/cloud/scheduler/v1/job_pb.js";
import { HttpMethod } from "../../gen/google/cloud/scheduler/v1/target_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";
import type { Execution, RetryRule } from "./line.ts";
import { parseJobName } from "./names.ts";
import { parseSchedule, type Schedule } from "./schedule/schedule.ts";

const DEFAULT_DEADLINE_MS = 180_000;
const DEFAULT_RETRY = { minMs: 5_000, maxMs: 3_600_000, maxDoublings: 5 };

/** A job and what it does next. */
export interface JobState {
  /** With the name, and without schedule_time. */
  readonly job: Job;
  /** The execution that runs or comes next; undefined while it is paused, or when its schedule has no time any more. */
  readonly execution: Execution | undefined;
}

/** The row of a new job. */
export function newJobRow(state: JobState, uid: string, nowMs: number): ResourceRow {
  const { name } = state.job;
  const times = { createTimeMs: nowMs, updateTimeMs: nowMs };
  return { name, parent: parseJobName(name).parent, uid, generation: 1, version: 1, ...stored(state), ...times };
}

/** The row with a job that its user changed. */
export function changedJobRow(row: ResourceRow, state: JobState, nowMs: number): ResourceRow {
  return { ...row, generation: row.generation + 1, ...stored(state), updateTimeMs: nowMs };
}

/** The row after a step of an execution. */
export function steppedJobRow(row: ResourceRow, state: JobState): ResourceRow {
  return { ...row, ...stored(state) };
}

/** What a row holds. */
export function stateOf({ name, message }: ResourceRow): JobState {
  const { job, execution } = JSON.parse(message) as { job: JsonValue; execution?: Execution };
  return { job: { ...fromJson(JobSchema, job), name }, execution };
}

/** A job as the API answers it. */
export function jobOf(row: ResourceRow): Job {
  const { job, execution } = stateOf(row);
  if (execution) job.scheduleTime = timestampFromMs(execution.dueMs);
  return job;
}

/** The job with Google's defaults for what its user left out. */
export function withDefaults(given: Job): Job {
  const job = clone(JobSchema, given);
  job.timeZone ||= "UTC";
  const { minMs, maxMs, maxDoublings } = DEFAULT_RETRY;
  const retry = (job.retryConfig ??= create(RetryConfigSchema));
  retry.maxRetryDuration ??= durationFromMs(0);
  retry.minBackoffDuration ??= durationFromMs(minMs);
  retry.maxBackoffDuration ??= durationFromMs(maxMs);
  retry.maxDoublings ||= maxDoublings;
  const { target } = job;
  if (target.case !== "httpTarget") return job;
  job.attemptDeadline ??= durationFromMs(DEFAULT_DEADLINE_MS);
  target.value.httpMethod ||= HttpMethod.POST;
  const { headers, body } = target.value;
  for (const name of Object.keys(headers)) if (/^user-agent$/i.test(name)) delete headers[name];
  headers["User-Agent"] = "Google-Cloud-Scheduler";
  const hasType = Object.keys(headers).some((name) => /^content-type$/i.test(name));
  if (body.length > 0 && !hasType) headers["Content-Type"] = "application/octet-stream";
  return job;
}

/** When it runs; the job's schedule was found valid. */
export function scheduleOf({ schedule, timeZone }: Job): Schedule {
  return parseSchedule(schedule, timeZone);
}

/** Its retry_config, with the defaults in place. */
export function retryRuleOf({ retryConfig }: Job): RetryRule {
  return {
    retryCount: retryConfig?.retryCount ?? 0,
    maxRetryMs: retryConfig?.maxRetryDuration ? durationMs(retryConfig.maxRetryDuration) : 0,
    minMs: retryConfig?.minBackoffDuration ? durationMs(retryConfig.minBackoffDuration) : DEFAULT_RETRY.minMs,
    maxMs: retryConfig?.maxBackoffDuration ? durationMs(retryConfig.maxBackoffDuration) : DEFAULT_RETRY.maxMs,
    maxDoublings: retryConfig?.maxDoublings ?? DEFAULT_RETRY.maxDoublings,
  };
}

/** How long an attempt may take, milliseconds. */
export function deadlineMsOf({ attemptDeadline }: Job): number {
  return attemptDeadline ? durationMs(attemptDeadline) : DEFAULT_DEADLINE_MS;
}

function stored({ job, execution }: JobState): Pick<ResourceRow, "message" | "unfinished"> {
  const { scheduleTime: _, ...kept } = job;
  const message = JSON.stringify({ job: toJson(JobSchema, { ...kept, name: "" }), execution });
  return { message, unfinished: job.state === Job_State.ENABLED && execution !== undefined };
}
