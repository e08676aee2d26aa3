import { toBinary } from "@bufbuild/protobuf";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { type Job, JobSchema } from "../../gen/google/cloud/scheduler/v1/job_pb.js";
import { HttpMethod, type PubsubTarget } from "../../gen/google/cloud/scheduler/v1/target_pb.js";
import { unsupportedField } from "../../wire/errors.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { checkAuthorization } from "../../wire/targets/authorization.ts";
import { checkHttpTarget } from "../../wire/targets/http-target.ts";
import { invalidField, invalidSchedule } from "./errors.ts";
import { scheduleOf } from "./job.ts";
import { LIMITS } from "./limits.ts";
import { parseJobName } from "./names.ts";
import { InvalidScheduleError } from "./schedule/schedule.ts";

const FIELDS = { url: "job.http_target.uri", headers: "job.http_target.headers", body: "job.http_target.body" };

/** Rejects a job, defaults in place, that Cloud Scheduler does not take, or that homerun does not support. */
export function validateJob(job: Job, nowMs: number): void {
  const { project } = parseJobName(job.name);
  if (job.description.length > LIMITS.descriptionLength)
    throw invalidField(
      "job.description",
      `Job.description must not be longer than ${LIMITS.descriptionLength} characters.`,
    );
  checkTarget(job, project);
  checkSchedule(job, nowMs);
  checkRetries(job);
  if (toBinary(JobSchema, job).length > LIMITS.jobBytes)
    throw invalidField("job", "The job must not be larger than 1MB.");
}

function checkTarget({ target, attemptDeadline }: Job, project: string): void {
  if (target.case === undefined) throw invalidField("job.target", "Job.target is required.");
  if (target.case === "appEngineHttpTarget") throw unsupportedField("job.app_engine_http_target");
  if (target.case === "pubsubTarget") return checkPubsubTarget(target.value, project);
  const { uri: url, httpMethod, headers, body, authorizationHeader } = target.value;
  checkHttpTarget({ url, method: HttpMethod[httpMethod], headers, body }, FIELDS);
  checkAuthorization(authorizationHeader, "job.http_target");
  const deadlineMs = durationMs(attemptDeadline!);
  if (deadlineMs < LIMITS.shortestDeadlineMs || deadlineMs > LIMITS.longestDeadlineMs)
    throw invalidField(
      "job.attempt_deadline",
      "Job.attempt_deadline must be in the interval [15 seconds, 30 minutes].",
    );
}

function checkPubsubTarget({ topicName, data, attributes }: PubsubTarget, project: string): void {
  const [, topicProject] = /^projects\/([^/]+)\/topics\/[^/]+$/.exec(topicName) ?? [];
  if (topicProject === undefined)
    throw invalidField(
      "job.pubsub_target.topic_name",
      `Topic name must be formatted: "projects/<PROJECT_ID>/topics/<TOPIC_ID>".`,
    );
  if (topicProject !== project && topicProject !== projectNumberOf(project))
    throw invalidField(
      "job.pubsub_target.topic_name",
      "The topic must be in the same project as the Cloud Scheduler job.",
    );
  if (data.length === 0 && Object.keys(attributes).length === 0)
    throw invalidField(
      "job.pubsub_target.data",
      "Pubsub message must contain either non-empty data, or at least one attribute.",
    );
}

function checkSchedule(job: Job, nowMs: number): void {
  try {
    if (scheduleOf(job).next(nowMs, nowMs) === undefined) throw new InvalidScheduleError("its time never comes");
  } catch (error) {
    throw error instanceof InvalidScheduleError ? invalidSchedule() : error;
  }
}

function checkRetries({ retryConfig }: Job): void {
  const { retryCount, maxDoublings, maxRetryDuration, minBackoffDuration, maxBackoffDuration } = retryConfig!;
  const field = (name: string) => `job.retry_config.${name}`;
  if (retryCount < 0 || retryCount > LIMITS.retryCount)
    throw invalidField(field("retry_count"), "RetryConfig.retry_count must be in the interval [0, 5].");
  if (maxDoublings < 0) throw invalidField(field("max_doublings"), "RetryConfig.max_doublings must not be negative.");
  const times: [string, Duration][] = [
    ["max_retry_duration", maxRetryDuration!],
    ["min_backoff_duration", minBackoffDuration!],
    ["max_backoff_duration", maxBackoffDuration!],
  ];
  for (const [name, duration] of times)
    if (durationMs(duration) < 0) throw invalidField(field(name), `RetryConfig.${name} must not be negative.`);
  if (durationMs(minBackoffDuration!) > durationMs(maxBackoffDuration!))
    throw invalidField(
      field("min_backoff_duration"),
      "RetryConfig.min_backoff_duration must not be greater than RetryConfig.max_backoff_duration.",
    );
}
