import type { JsonObject } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Job } from "../../gen/google/cloud/scheduler/v1/job_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { LogSeverity } from "../../gen/google/logging/type/log_severity_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { AttemptOutcome } from "./attempt.ts";
import type { Deps } from "./deps.ts";
import { parseJobName, serviceAgentOf } from "./names.ts";

const TYPE = "type.googleapis.com/google.cloud.scheduler.logging";

/** Writes Cloud Scheduler's AttemptStarted entry. Never rejects: a log that cannot be written stops no job. */
export function logStarted(deps: Deps, job: Job, scheduledMs: number): Promise<void> {
  const scheduledTime = new Date(scheduledMs).toISOString();
  const payload = { "@type": `${TYPE}.AttemptStarted`, ...targetOf(job), scheduledTime };
  return write(deps, job, LogSeverity.INFO, payload);
}

/** Writes Cloud Scheduler's AttemptFinished entry: with a status, and as an error, when the attempt failed. Never rejects. */
export function logFinished(deps: Deps, job: Job, { code, httpStatus, debugInfo }: AttemptOutcome): Promise<void> {
  const payload = {
    "@type": `${TYPE}.AttemptFinished`,
    ...targetOf(job),
    ...(code !== Code.OK && { status: Code[code] }),
    ...(debugInfo !== undefined && { debugInfo }),
  };
  return write(deps, job, code === Code.OK ? LogSeverity.INFO : LogSeverity.ERROR, payload, httpStatus);
}

function targetOf({ name, target }: Job): JsonObject {
  if (target.case === "pubsubTarget")
    return { jobName: name, targetType: "PUB_SUB", pubsubTopic: target.value.topicName };
  return { jobName: name, targetType: "HTTP", url: target.case === "httpTarget" ? target.value.uri : "" };
}

async function write(
  { clients, clock, log }: Deps,
  { name }: Job,
  severity: LogSeverity,
  jsonPayload: JsonObject,
  httpStatus?: number,
): Promise<void> {
  const { project, location, id } = parseJobName(name);
  const resource = { type: "cloud_scheduler_job", labels: { project_id: project, location, job_id: id } };
  const entry = {
    logName: `projects/${project}/logs/cloudscheduler.googleapis.com%2Fexecutions`,
    resource,
    timestamp: timestampFromMs(clock.nowMs()),
    severity,
    payload: { case: "jsonPayload" as const, value: jsonPayload },
    ...(httpStatus !== undefined && { httpRequest: { status: httpStatus } }),
  };
  try {
    await clients.of(LoggingServiceV2, serviceAgentOf(project)).writeLogEntries({ entries: [entry] });
  } catch (error) {
    log.warning("An execution of a job could not be logged", { job: name, error });
  }
}
