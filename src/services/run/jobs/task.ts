import { constants } from "node:os";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { TaskOutcome } from "../../../instances/serving.ts";

/**
 * Where a task stands. Google: Cloud Run Admin API v1, namespaces.tasks.list, values of run.googleapis.com/runningState.
 * PENDING also holds between two attempts.
 */
export type TaskPhase = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED" | "ABANDONED";

/** What changes about a task while its execution runs. */
export interface TaskState {
  readonly index: number;
  readonly phase: TaskPhase;
  /** Retries so far; the number of the present or next attempt. */
  readonly retried: number;
  readonly updateTimeMs: number;
  /** When the host had room for it. */
  readonly scheduledTimeMs?: number;
  readonly startTimeMs?: number;
  readonly completionTimeMs?: number;
  /** Of the attempt that ended last. */
  readonly lastAttempt?: AttemptResult;
}

/** How an attempt ended. Google: task.proto, TaskAttemptResult. */
export interface AttemptResult {
  readonly code: Code;
  readonly message: string;
  readonly exitCode?: number;
  readonly termSignal?: number;
}

/** How an attempt ends whose server ended before it did. */
export const LOST: AttemptResult = {
  code: Code.INTERNAL,
  message: "The task's instance ended with the server that ran it.",
};

const CANCELLED: AttemptResult = { code: Code.CANCELLED, message: "Cancelled by user." };
const TERMINAL: readonly TaskPhase[] = ["SUCCEEDED", "FAILED", "CANCELLED", "ABANDONED"];

/** A task that has not started. */
export function newTask(index: number, nowMs: number): TaskState {
  return { index, phase: "PENDING", retried: 0, updateTimeMs: nowMs };
}

/** Whether nothing is left to do for a task. */
export function isEnded({ phase }: TaskState): boolean {
  return TERMINAL.includes(phase);
}

/** The task once its present attempt begins. */
export function startedTask(task: TaskState, nowMs: number): TaskState {
  return {
    ...task,
    phase: "RUNNING",
    updateTimeMs: nowMs,
    scheduledTimeMs: task.scheduledTimeMs ?? nowMs,
    startTimeMs: task.startTimeMs ?? nowMs,
  };
}

/** The task once its present attempt has ended: it waits for the next one while there are retries left. */
export function endedTask(task: TaskState, result: AttemptResult, maxRetries: number, nowMs: number): TaskState {
  const ended = { ...task, updateTimeMs: nowMs, lastAttempt: result };
  if (result.code === Code.OK) return { ...ended, phase: "SUCCEEDED", completionTimeMs: nowMs };
  if (task.retried < maxRetries) return { ...ended, phase: "PENDING", retried: task.retried + 1 };
  return { ...ended, phase: "FAILED", completionTimeMs: nowMs };
}

/** The task once its execution was cancelled; one that had never started is abandoned. */
export function cancelledTask(task: TaskState, nowMs: number): TaskState {
  if (isEnded(task)) return task;
  const ended = { ...task, updateTimeMs: nowMs, completionTimeMs: nowMs };
  if (task.startTimeMs === undefined) return { ...ended, phase: "ABANDONED" };
  return { ...ended, phase: "CANCELLED", lastAttempt: CANCELLED };
}

/** What Cloud Run says of an attempt that ended so. */
export function resultOf(outcome: TaskOutcome): AttemptResult {
  switch (outcome.outcome) {
    case "SUCCEEDED":
      return { code: Code.OK, message: "", exitCode: 0 };
    case "TIMED_OUT":
      return { code: Code.DEADLINE_EXCEEDED, message: "The configured timeout was reached." };
    case "CANCELLED":
      return CANCELLED;
    case "NOT_STARTED":
      return { code: Code.INTERNAL, message: outcome.failure.message };
    case "FAILED":
      return failedResult(outcome);
  }
}

function failedResult({ exit, message }: Extract<TaskOutcome, { outcome: "FAILED" }>): AttemptResult {
  const text = exit.outOfMemory ? message : "The container exited with an error.";
  const termSignal = exit.signal === null ? undefined : constants.signals[exit.signal as NodeJS.Signals];
  return {
    code: Code.ABORTED,
    message: text,
    ...(exit.exitCode !== null && { exitCode: exit.exitCode }),
    ...(termSignal !== undefined && { termSignal }),
  };
}
