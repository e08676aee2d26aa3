import type { Job } from "../../gen/google/cloud/scheduler/v1/job_pb.js";
import { type HttpTarget, HttpMethod, type PubsubTarget } from "../../gen/google/cloud/scheduler/v1/target_pb.js";
import { Publisher } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { OutgoingError, type OutgoingErrorKind, type OutgoingRequest } from "../../wire/http/outgoing-request.ts";
import { authorizationOf } from "../../wire/targets/authorization.ts";
import { codeOfStatus } from "../../wire/targets/code-of-status.ts";
import { targetHeaders } from "../../wire/targets/http-target.ts";
import { sendFollowing } from "../../wire/targets/send-following.ts";
import type { Deps } from "./deps.ts";
import { deadlineMsOf, scheduleOf } from "./job.ts";
import { parseJobName, serviceAgentOf } from "./names.ts";
import { rfc3339InZone } from "./rfc3339-in-zone.ts";

/** How an attempt went. */
export interface AttemptOutcome {
  readonly code: Code;
  /** The target's answer, or what stands for none in Google's logs; undefined for Pub/Sub. */
  readonly httpStatus?: number;
  /** What Google's execution log says of it. */
  readonly debugInfo?: string;
}

const CODE_OF_ERROR: Readonly<Record<OutgoingErrorKind, Code>> = {
  MALFORMED: Code.INVALID_ARGUMENT,
  FORBIDDEN: Code.PERMISSION_DENIED,
  TIMEOUT: Code.DEADLINE_EXCEEDED,
  ABORTED: Code.CANCELLED,
  UNREACHABLE: Code.UNAVAILABLE,
  BROKEN: Code.UNAVAILABLE,
};

/** Sends a job to its target once. Never rejects, but when `signal` aborts: then the attempt is as if it had not been made. */
export async function attempt(deps: Deps, job: Job, scheduledMs: number, signal: AbortSignal): Promise<AttemptOutcome> {
  const { target } = job;
  if (target.case === "pubsubTarget") return publish(deps, job, target.value);
  if (target.case === "httpTarget") return call(deps, job, target.value, scheduledMs, signal);
  return { code: Code.UNIMPLEMENTED };
}

async function call(
  deps: Deps,
  job: Job,
  target: HttpTarget,
  scheduledMs: number,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    const request = await outgoingRequest(deps, job, target, scheduledMs);
    const { status } = await sendFollowing(deps.outgoing, { ...request, signal });
    return { code: codeOfStatus(status), httpStatus: status, debugInfo: debugInfo(status) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OutgoingError)) {
      deps.log.error("An attempt of a job could not be made", { job: job.name, error });
      return { code: Code.INTERNAL, httpStatus: 0, debugInfo: withStatus("URL_ERROR-ERROR_OTHER", 0) };
    }
    const isTimeout = error.kind === "TIMEOUT";
    const reason = isTimeout ? "URL_TIMEOUT-TIMEOUT_WEB" : `URL_UNREACHABLE-UNREACHABLE_NO_RESPONSE (${error.message})`;
    const httpStatus = isTimeout ? 504 : 0;
    return { code: CODE_OF_ERROR[error.kind], httpStatus, debugInfo: withStatus(reason, httpStatus) };
  }
}

async function outgoingRequest(
  { tokens }: Deps,
  job: Job,
  { uri, httpMethod, headers, body, authorizationHeader }: HttpTarget,
  scheduledMs: number,
): Promise<OutgoingRequest> {
  const authorization = await authorizationOf(tokens, authorizationHeader, uri);
  const own = {
    "User-Agent": "Google-Cloud-Scheduler",
    "X-CloudScheduler": "true",
    "X-CloudScheduler-JobName": parseJobName(job.name).id,
    ...(scheduleOf(job).isCron && { "X-CloudScheduler-ScheduleTime": rfc3339InZone(scheduledMs, job.timeZone) }),
    ...(authorization !== undefined && { Authorization: authorization }),
  };
  return {
    url: uri,
    method: HttpMethod[httpMethod],
    headers: targetHeaders(headers, own),
    ...(body.length > 0 && { body }),
    timeoutMs: deadlineMsOf(job),
    maxBodyBytes: 0,
  };
}

async function publish(deps: Deps, job: Job, { topicName, data, attributes }: PubsubTarget): Promise<AttemptOutcome> {
  const publisher = deps.clients.of(Publisher, serviceAgentOf(parseJobName(job.name).project));
  try {
    await publisher.publish({ topic: topicName, messages: [{ data, attributes }] });
    return { code: Code.OK };
  } catch (error) {
    const code = error instanceof ApiError ? error.code : Code.INTERNAL;
    return { code, debugInfo: error instanceof Error ? error.message : String(error) };
  }
}

function debugInfo(status: number): string {
  if (status < 300) return withStatus("URL_CRAWLED", status);
  if (status >= 500) return withStatus("URL_UNREACHABLE-UNREACHABLE_5xx", status);
  if (status === 404) return withStatus("URL_ERROR-ERROR_NOT_FOUND", status);
  return withStatus(status === 401 ? "URL_ERROR-ERROR_AUTHENTICATION" : "URL_ERROR-ERROR_OTHER", status);
}

function withStatus(reason: string, status: number): string {
  return `${reason}. Original HTTP response code number = ${status}`;
}
