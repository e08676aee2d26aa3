import type { Queue } from "../../../gen/google/cloud/tasks/v2/queue_pb.js";
import { HttpMethod, type HttpRequest } from "../../../gen/google/cloud/tasks/v2/target_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { OutgoingError, type OutgoingRequest } from "../../../wire/http/outgoing-request.ts";
import { authorizationOf } from "../../../wire/targets/authorization.ts";
import { codeOfStatus } from "../../../wire/targets/code-of-status.ts";
import { targetHeaders } from "../../../wire/targets/http-target.ts";
import { sendFollowing } from "../../../wire/targets/send-following.ts";
import type { DispatchDeps } from "../deps.ts";
import { parseQueueName } from "../names.ts";
import type { TaskRow } from "../tasks/store.ts";
import { deadlineMsOf, storedTask } from "../tasks/task.ts";
import { overrideUrl } from "./override-url.ts";

/** How an attempt went. */
export interface AttemptOutcome {
  readonly code: Code;
  /** As in Attempt.response_status. */
  readonly message: string;
  /** The status that the target answered; undefined when there was no response. */
  readonly httpStatus?: number;
  /** What the target asked for by Retry-After. */
  readonly retryAfterMs?: number;
}

const CODE_OF_ERROR = {
  MALFORMED: Code.INVALID_ARGUMENT,
  FORBIDDEN: Code.PERMISSION_DENIED,
  TIMEOUT: Code.DEADLINE_EXCEEDED,
  ABORTED: Code.CANCELLED,
  UNREACHABLE: Code.UNKNOWN,
  BROKEN: Code.UNKNOWN,
} as const;

/** Where a task goes, for logs: "POST https://a.example/path". */
export function targetAddressOf(row: TaskRow, { httpTarget }: Queue): string {
  const request = requestOf(row);
  const method = httpTarget?.httpMethod || request?.httpMethod || HttpMethod.POST;
  return `${HttpMethod[method]} ${overrideUrl(request?.url ?? "", httpTarget?.uriOverride)}`;
}

/** Sends a task to its target once. Never rejects, but when `signal` aborts: then the attempt is as if it had not been made. */
export async function attempt(
  deps: DispatchDeps,
  queue: Queue,
  row: TaskRow,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const request = requestOf(row);
  if (!request) return outcomeOf(Code.UNIMPLEMENTED, "0");
  try {
    const outgoing = await outgoingRequest(deps, queue, row, request);
    const { status, headers } = await sendFollowing(deps.outgoing, { ...outgoing, maxBodyBytes: 0, signal });
    const retryAfterMs = retryAfterOf(headers["retry-after"], deps.clock.nowMs());
    return {
      ...outcomeOf(codeOfStatus(status), String(status)),
      httpStatus: status,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OutgoingError)) return outcomeOf(Code.INTERNAL, "0");
    return outcomeOf(CODE_OF_ERROR[error.kind], error.kind === "TIMEOUT" ? "504" : `0, ${error.message}`);
  }
}

async function outgoingRequest(
  deps: DispatchDeps,
  queue: Queue,
  row: TaskRow,
  { url: given, httpMethod, headers, body, authorizationHeader }: HttpRequest,
): Promise<OutgoingRequest> {
  const { httpTarget } = queue;
  const url = overrideUrl(given, httpTarget?.uriOverride);
  const overrides = (httpTarget?.headerOverrides ?? []).map(({ header }) => [header?.key, header?.value] as const);
  const isOverridden = httpTarget !== undefined && httpTarget.authorizationHeader.case !== undefined;
  const tokens = isOverridden ? httpTarget.authorizationHeader : authorizationHeader;
  const authorization = await authorizationOf(deps.tokens, tokens, url);
  const own = {
    ...targetHeaders(Object.fromEntries(overrides), {}),
    ...ownHeaders(queue, row),
    ...(authorization !== undefined && { Authorization: authorization }),
  };
  return {
    url,
    method: HttpMethod[httpTarget?.httpMethod || httpMethod],
    headers: targetHeaders(headers, own),
    ...(body.length > 0 && { body }),
    timeoutMs: deadlineMsOf(storedTask(row)),
  };
}

/** Google: cloud.google.com/tasks/docs/creating-http-target-tasks, "Write task handlers"; it names no values of TaskRetryReason. */
function ownHeaders({ name }: Queue, { id, dueMs, progress }: TaskRow): Record<string, string> {
  const { dispatchCount, responseCount, last } = progress;
  return {
    "User-Agent": "Google-Cloud-Tasks",
    "X-CloudTasks-QueueName": parseQueueName(name).id,
    "X-CloudTasks-TaskName": id,
    "X-CloudTasks-TaskRetryCount": String(dispatchCount),
    "X-CloudTasks-TaskExecutionCount": String(responseCount),
    "X-CloudTasks-TaskETA": (dueMs / 1000).toFixed(6),
    ...(last?.httpStatus !== undefined && { "X-CloudTasks-TaskPreviousResponse": String(last.httpStatus) }),
    ...(last?.code !== undefined && { "X-CloudTasks-TaskRetryReason": Code[last.code] ?? "UNKNOWN" }),
  };
}

function requestOf(row: TaskRow): HttpRequest | undefined {
  const { messageType } = storedTask(row);
  return messageType.case === "httpRequest" ? messageType.value : undefined;
}

function outcomeOf(code: Code, status: string): AttemptOutcome {
  return { code, message: `${Code[code]}(${code}): HTTP status code ${status}` };
}

/** Seconds or a date. Google: tasks/v2/target.proto, "the Retry-After HTTP response header is considered". */
function retryAfterOf(value: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== "string") return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const timeMs = Date.parse(value);
  return Number.isNaN(timeMs) ? undefined : Math.max(timeMs - nowMs, 0);
}
