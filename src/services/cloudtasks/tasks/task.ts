import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationFromMs, durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Attempt,
  AttemptSchema,
  type Task,
  Task_View,
  TaskSchema,
} from "../../../gen/google/cloud/tasks/v2/task_pb.js";
import { HttpMethod } from "../../../gen/google/cloud/tasks/v2/target_pb.js";
import { StatusSchema } from "../../../gen/google/rpc/status_pb.js";
import { DEFAULTS } from "../limits.ts";
import type { LastAttempt, TaskRow } from "./store.ts";

/** What a new task is made of besides what its user sent. */
export interface NewTask {
  readonly queueUid: string;
  readonly id: string;
  readonly number: number;
  readonly named: boolean;
  readonly nowMs: number;
}

/** The row of a new task; a time in the past is now. */
export function newTaskRow(task: Task, { queueUid, id, number, named, nowMs }: NewTask): TaskRow {
  const scheduleMs = task.scheduleTime ? Math.ceil(timestampMs(task.scheduleTime)) : nowMs;
  const kept = { ...task, name: "", view: Task_View.VIEW_UNSPECIFIED };
  return {
    queueUid,
    id,
    born: number,
    seq: number,
    named,
    dueMs: Math.max(scheduleMs, nowMs),
    createMs: nowMs,
    task: toBinary(TaskSchema, kept),
    progress: { dispatchCount: 0, responseCount: 0 },
  };
}

/** The request that a task stands for, as its user sent it. */
export function storedTask(row: Pick<TaskRow, "task">): Task {
  return fromBinary(TaskSchema, row.task);
}

/** A task as the API answers it. */
export function taskOf(row: TaskRow, queueName: string, view: Task_View): Task {
  const task = storedTask(row);
  const { dispatchCount, responseCount, firstDispatchMs, last } = row.progress;
  task.name = `${queueName}/tasks/${row.id}`;
  task.view = view === Task_View.FULL ? Task_View.FULL : Task_View.BASIC;
  if (task.view === Task_View.BASIC && task.messageType.case === "httpRequest")
    task.messageType.value.body = new Uint8Array();
  const isAsSent = task.scheduleTime !== undefined && Math.ceil(timestampMs(task.scheduleTime)) === row.dueMs;
  if (!isAsSent) task.scheduleTime = timestampFromMs(row.dueMs);
  task.createTime = timestampFromMs(Math.floor(row.createMs / 1000) * 1000);
  task.dispatchCount = dispatchCount;
  task.responseCount = responseCount;
  if (firstDispatchMs !== undefined)
    task.firstAttempt = create(AttemptSchema, { dispatchTime: timestampFromMs(firstDispatchMs) });
  if (last) task.lastAttempt = attemptOf(last);
  return task;
}

/** A task with the defaults of Cloud Tasks in place. */
export function withTaskDefaults(given: Task): Task {
  const task = { ...given, dispatchDeadline: given.dispatchDeadline ?? durationFromMs(DEFAULTS.deadlineMs) };
  if (task.messageType.case === "httpRequest") task.messageType.value.httpMethod ||= HttpMethod.POST;
  return task;
}

/** How long an attempt may take, milliseconds. */
export function deadlineMsOf({ dispatchDeadline }: Task): number {
  return dispatchDeadline ? durationMs(dispatchDeadline) : DEFAULTS.deadlineMs;
}

function attemptOf({ scheduleMs, dispatchMs, responseMs, code, message }: LastAttempt): Attempt {
  return create(AttemptSchema, {
    scheduleTime: timestampFromMs(scheduleMs),
    dispatchTime: timestampFromMs(dispatchMs),
    ...(responseMs !== undefined && { responseTime: timestampFromMs(responseMs) }),
    ...(code !== undefined && { responseStatus: create(StatusSchema, { code, message: message ?? "" }) }),
  });
}
