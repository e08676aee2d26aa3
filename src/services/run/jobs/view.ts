import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Condition, Condition_ExecutionReason } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { type Execution, ExecutionSchema } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import { type Job, JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import { type Task, TaskAttemptResultSchema, TaskSchema } from "../../../gen/google/cloud/run/v2/task_pb.js";
import { type TaskTemplate, TaskTemplateSchema } from "../../../gen/google/cloud/run/v2/task_template_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { etagOf } from "../../../wire/etag.ts";
import { type ConditionChange, conditionOf, failed, PENDING, RECONCILING, SUCCEEDED } from "../conditions.ts";
import { lastSegment } from "../names.ts";
import { failureOf } from "./failure.ts";
import { taskLogUri } from "./log-uri.ts";
import type { ExecutionRecord, JobRecord, TaskRecord } from "./store.ts";
import { type AttemptResult, isEnded, type TaskState } from "./task.ts";

/** A job as v2 answers it. */
export function jobView({ job, version }: JobRecord): Job {
  const view = clone(JobSchema, job);
  view.etag = etagOf(job.uid, version);
  return view;
}

/** An execution as v2 answers it. */
export function executionView({ execution, version }: ExecutionRecord): Execution {
  const view = clone(ExecutionSchema, execution);
  view.etag = etagOf(execution.uid, version);
  return view;
}

/** A task as v2 answers it: its own state, and everything else of its execution. */
export function taskView(record: TaskRecord, execution: Execution): Task {
  const { state } = record;
  const { labels, annotations, job } = execution;
  const task = create(TaskSchema, { name: record.name, uid: record.uid, generation: 1n, observedGeneration: 1n });
  Object.assign(task, { labels, annotations, job, execution: lastSegment(execution.name) });
  Object.assign(task, templateFields(clone(TaskTemplateSchema, execution.template!)));
  Object.assign(task, { index: state.index, retried: state.retried, reconciling: !isEnded(state) });
  Object.assign(task, timesOf(record));
  task.conditions = taskConditions(state);
  if (state.lastAttempt) task.lastAttemptResult = attemptResult(state.lastAttempt);
  task.logUri = taskLogUri(execution.name, state.index);
  task.etag = etagOf(record.uid, record.version);
  return task;
}

/** Conditions of a task: Completed and Started. */
export function taskConditions(state: TaskState): Condition[] {
  const { startTimeMs, completionTimeMs, updateTimeMs } = state;
  const started = startTimeMs === undefined ? PENDING : SUCCEEDED;
  return [
    conditionOf("Completed", [], completedChange(state), completionTimeMs ?? updateTimeMs),
    conditionOf("Started", [], started, startTimeMs ?? updateTimeMs),
  ];
}

function completedChange(state: TaskState): ConditionChange {
  switch (state.phase) {
    case "PENDING":
    case "RUNNING":
      return state.startTimeMs === undefined ? PENDING : RECONCILING;
    case "SUCCEEDED":
      return SUCCEEDED;
    case "FAILED":
      return failed(failureOf(state.lastAttempt!));
    case "CANCELLED":
    case "ABANDONED":
      return failed({
        message: "Cancelled by user.",
        reason: { case: "executionReason", value: Condition_ExecutionReason.CANCELLED },
        code: Code.CANCELLED,
      });
  }
}

function attemptResult({ code, message, exitCode = 0, termSignal = 0 }: AttemptResult) {
  return create(TaskAttemptResultSchema, { status: { code, message }, exitCode, termSignal });
}

function templateFields({ $typeName: _type, $unknown: _unknown, retries, ...settings }: TaskTemplate) {
  return { ...settings, maxRetries: retries.value ?? 0 };
}

function timesOf({ createTimeMs, state }: TaskRecord) {
  const { scheduledTimeMs, startTimeMs, completionTimeMs, updateTimeMs } = state;
  return {
    createTime: timestampFromMs(createTimeMs),
    updateTime: timestampFromMs(updateTimeMs),
    ...(scheduledTimeMs !== undefined && { scheduledTime: timestampFromMs(scheduledTimeMs) }),
    ...(startTimeMs !== undefined && { startTime: timestampFromMs(startTimeMs) }),
    ...(completionTimeMs !== undefined && { completionTime: timestampFromMs(completionTimeMs) }),
  };
}
