import {
  Condition_CommonReason as CommonReason,
  Condition_ExecutionReason as ExecutionReason,
  Condition_State,
} from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { Execution } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { commonReason, type Failure } from "../conditions.ts";
import { lastSegment } from "../names.ts";
import type { TaskRecord } from "./store.ts";
import type { AttemptResult } from "./task.ts";

/** Somebody cancelled the execution. Google's words. */
export const CANCELLED: Failure = {
  message: "Cancelled by user.",
  reason: { case: "executionReason", value: ExecutionReason.CANCELLED },
  code: Code.CANCELLED,
};

/** What a failed attempt means for its task. */
export function failureOf({ code, message, exitCode }: AttemptResult): Failure {
  return { code, message, reason: reasonOf(code, exitCode) };
}

/** What ended tasks mean for their execution: undefined when all succeeded, else the failure that came first. */
export function executionFailureOf(tasks: readonly TaskRecord[]): Failure | undefined {
  if (tasks.some(({ state }) => state.phase === "CANCELLED" || state.phase === "ABANDONED")) return CANCELLED;
  const failed = tasks.filter(({ state }) => state.phase === "FAILED");
  const [first] = failed.toSorted((one, other) => endOf(one) - endOf(other) || one.state.index - other.state.index);
  if (!first) return undefined;
  const result = first.state.lastAttempt!;
  return { ...failureOf(result), message: `Task ${lastSegment(first.name)} failed with ${wordsFor(result)}` };
}

/** Google tells an exit code of 0 for tasks that ran out of time. */
function wordsFor({ code, message, exitCode }: AttemptResult): string {
  const shown = code === Code.DEADLINE_EXCEEDED ? 0 : exitCode;
  return shown === undefined ? `message: ${message}` : `exit code: ${shown} and message: ${message}`;
}

/** Google: condition.proto, CommonReason and ExecutionReason. */
function reasonOf(code: Code, exitCode: number | undefined): Failure["reason"] {
  if (code === Code.DEADLINE_EXCEEDED) return commonReason(CommonReason.PROGRESS_DEADLINE_EXCEEDED);
  if (exitCode !== undefined) return { case: "executionReason", value: ExecutionReason.NON_ZERO_EXIT_CODE };
  return commonReason(CommonReason.INTERNAL);
}

function endOf({ state }: TaskRecord): number {
  return state.completionTimeMs ?? 0;
}

/** Why a stored execution that has ended did not succeed, if it did not. */
export function storedFailureOf({ conditions }: Execution): Failure | undefined {
  const completed = conditions.find(({ type }) => type === "Completed");
  if (completed?.state !== Condition_State.CONDITION_FAILED) return undefined;
  return { message: completed.message, reason: completed.reasons, code: Code.ABORTED };
}
