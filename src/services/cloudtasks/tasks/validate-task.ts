import { toBinary } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { HttpMethod } from "../../../gen/google/cloud/tasks/v2/target_pb.js";
import { type Task, TaskSchema } from "../../../gen/google/cloud/tasks/v2/task_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { checkAuthorization } from "../../../wire/targets/authorization.ts";
import { checkHttpTarget } from "../../../wire/targets/http-target.ts";
import { invalidField } from "../errors.ts";
import { LIMITS } from "../limits.ts";

const FIELDS = { url: "task.http_request.url", headers: "task.http_request.headers", body: "task.http_request.body" };

/** Rejects a task, defaults in place, that Cloud Tasks does not take, or that homerun does not support. */
export function validateTask(task: Task, nowMs: number): void {
  checkMessage(task);
  const deadlineMs = durationMs(task.dispatchDeadline!);
  if (deadlineMs < LIMITS.shortestDeadlineMs || deadlineMs > LIMITS.longestDeadlineMs)
    throw invalidField("task.dispatch_deadline", "Task.dispatchDeadline must be between [15s, 30m].");
  if (task.scheduleTime && timestampMs(task.scheduleTime) > nowMs + LIMITS.scheduleAheadMs)
    throw invalidField("task.schedule_time", "The task's scheduleTime must be at most 30 days (720h) in the future.");
  if (toBinary(TaskSchema, task).length > LIMITS.taskBytes)
    throw invalidField("task", "Task size too large: the maximum task size is 100KB.");
}

function checkMessage({ messageType }: Task): void {
  if (messageType.case === undefined) throw invalidField("task.message_type", "Task.message_type is required.");
  if (messageType.case === "appEngineHttpRequest") throw unsupportedField("task.app_engine_http_request");
  const { url, httpMethod, headers, body, authorizationHeader } = messageType.value;
  checkHttpTarget({ url, method: HttpMethod[httpMethod], headers, body }, FIELDS);
  checkAuthorization(authorizationHeader, "task.http_request");
}
