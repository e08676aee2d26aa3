import { clone, create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { TaskTemplateSchema } from "../../../gen/google/cloud/run/v2/task_template_pb.js";
import { Condition_ExecutionReason as Reason } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { type Execution, ExecutionSchema } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import type { ExecutionTemplate } from "../../../gen/google/cloud/run/v2/execution_template_pb.js";
import {
  type ExecutionReference,
  ExecutionReference_CompletionStatus as CompletionStatus,
  ExecutionReferenceSchema,
  type Job,
} from "../../../gen/google/cloud/run/v2/job_pb.js";
import {
  type ConditionChange,
  conditionOf,
  type Failure,
  failed,
  PENDING,
  RECONCILING,
  SUCCEEDED,
} from "../conditions.ts";
import { lastSegment } from "../names.ts";
import type { Author } from "../services/service.ts";
import { formatElapsed } from "./elapsed.ts";
import { executionLogUri } from "./log-uri.ts";
import { executionNameOf } from "./names.ts";

/** Conditions of an execution, in Google's order. */
const CONDITIONS = ["Completed", "ResourcesAvailable", "Started", "ContainerReady"] as const;

export type ExecutionConditions = Partial<Record<(typeof CONDITIONS)[number], ConditionChange>>;

/** Tasks of an execution by where they stand. */
export interface TaskCounts {
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly retried: number;
}

/** A new execution of a job by this template, which has the overrides; no task of it exists yet. */
export function newExecution(job: Job, id: string, uid: string, given: ExecutionTemplate, author: Author): Execution {
  const name = executionNameOf(job.name, id);
  const { labels, annotations, parallelism, taskCount, template } = given;
  const now = timestampFromMs(author.nowMs);
  const { launchStage } = job;
  const execution = create(ExecutionSchema, { name, uid, generation: 1n, labels, annotations, launchStage, taskCount });
  Object.assign(execution, { creator: author.email, createTime: now, updateTime: now, job: lastSegment(job.name) });
  // Unset means as many as possible, and an execution tells how many that are.
  execution.parallelism = parallelism === 0 ? taskCount : parallelism;
  if (template) execution.template = clone(TaskTemplateSchema, template);
  execution.reconciling = true;
  execution.logUri = executionLogUri(name);
  return withConditions(
    execution,
    {
      Completed: { ...PENDING, message: "Waiting for execution to start." },
      ResourcesAvailable: PENDING,
      Started: PENDING,
      ContainerReady: PENDING,
    },
    author.nowMs,
  );
}

/** The execution with these conditions changed. */
export function withConditions(given: Execution, changes: ExecutionConditions, nowMs: number): Execution {
  const execution = clone(ExecutionSchema, given);
  execution.conditions = CONDITIONS.map((type) => {
    const change = changes[type];
    const before = given.conditions.find((each) => each.type === type);
    return change || !before ? conditionOf(type, given.conditions, change ?? PENDING, nowMs) : before;
  });
  execution.updateTime = timestampFromMs(nowMs);
  return execution;
}

/** The execution once its images are found; they are given by digest, in the order of its containers. */
export function importedExecution(given: Execution, images: readonly string[], nowMs: number): Execution {
  const took = formatElapsed(nowMs - msOf(given.createTime));
  const execution = withConditions(
    given,
    {
      ContainerReady: { ...SUCCEEDED, message: `Imported container image in ${took}.` },
      ResourcesAvailable: { ...SUCCEEDED, message: "Provisioned imported containers." },
    },
    nowMs,
  );
  for (const [index, image] of images.entries()) execution.template!.containers[index]!.image = image;
  execution.observedGeneration = execution.generation;
  return execution;
}

/** The execution with the counts of its tasks; it has started once one of them has. */
export function countedExecution(given: Execution, counts: TaskCounts, hasStarted: boolean, nowMs: number): Execution {
  const execution = hasStarted && !given.startTime ? startedExecution(given, nowMs) : clone(ExecutionSchema, given);
  execution.runningCount = counts.running;
  execution.succeededCount = counts.succeeded;
  execution.failedCount = counts.failed;
  execution.cancelledCount = counts.cancelled;
  execution.retriedCount = counts.retried;
  execution.updateTime = timestampFromMs(nowMs);
  return execution;
}

/** The execution once somebody asked for its cancellation. */
export function cancellingExecution(given: Execution, nowMs: number): Execution {
  const reasons = { case: "executionReason" as const, value: Reason.CANCELLING };
  const message = "Waiting for execution to be cancelled.";
  return withConditions(given, { Completed: { ...RECONCILING, message, reasons } }, nowMs);
}

/** The execution once all of its tasks have ended, with why it failed if it did. */
export function endedExecution(given: Execution, failure: Failure | undefined, nowMs: number): Execution {
  const took = formatElapsed(nowMs - msOf(given.startTime ?? given.createTime));
  const succeeded = { ...SUCCEEDED, message: `Execution completed successfully in ${took}.` };
  const execution = withConditions(given, { Completed: failure ? failed(failure) : succeeded }, nowMs);
  execution.completionTime = timestampFromMs(nowMs);
  execution.observedGeneration = execution.generation;
  execution.reconciling = false;
  return execution;
}

/** The execution once its deletion was asked for. */
export function deletedExecution(given: Execution, nowMs: number): Execution {
  const execution = clone(ExecutionSchema, given);
  execution.deleteTime = timestampFromMs(nowMs);
  execution.updateTime = timestampFromMs(nowMs);
  execution.reconciling = true;
  return execution;
}

/** What a job tells of its latest execution. */
export function referenceTo(execution: Execution): ExecutionReference {
  const { name, createTime, completionTime, deleteTime } = execution;
  return create(ExecutionReferenceSchema, {
    name: lastSegment(name),
    ...(createTime && { createTime }),
    ...(completionTime && { completionTime }),
    ...(deleteTime && { deleteTime }),
    completionStatus: completionStatusOf(execution),
  });
}

/** Whether an execution was cancelled or failed, once it has ended. */
function completionStatusOf({ conditions, completionTime, startTime }: Execution): CompletionStatus {
  if (!completionTime) return startTime ? CompletionStatus.EXECUTION_RUNNING : CompletionStatus.EXECUTION_PENDING;
  const completed = conditions.find(({ type }) => type === "Completed");
  if (completed?.state === SUCCEEDED.state) return CompletionStatus.EXECUTION_SUCCEEDED;
  const isCancelled = completed?.reasons.case === "executionReason" && completed.reasons.value === Reason.CANCELLED;
  return isCancelled ? CompletionStatus.EXECUTION_CANCELLED : CompletionStatus.EXECUTION_FAILED;
}

function startedExecution(given: Execution, nowMs: number): Execution {
  const ready = given.conditions.find(({ type }) => type === "ResourcesAvailable")?.lastTransitionTime;
  const took = formatElapsed(nowMs - msOf(ready ?? given.createTime));
  const completed = given.conditions.find(({ type }) => type === "Completed");
  const isCancelling = completed?.reasons.case === "executionReason";
  const execution = withConditions(
    given,
    {
      Started: { ...SUCCEEDED, message: `Started deployed execution in ${took}.` },
      ...(!isCancelling && { Completed: { ...RECONCILING, message: "Waiting for execution to complete." } }),
    },
    nowMs,
  );
  execution.startTime = timestampFromMs(nowMs);
  return execution;
}

function msOf(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : 0;
}
