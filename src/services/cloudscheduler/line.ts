import { type Backoff, retryIntervalMs } from "../../wire/targets/retry-interval.ts";
import type { Schedule } from "./schedule/schedule.ts";

/** One execution of a job, from the time it is scheduled for through its retries. */
export interface Execution {
  /** The time of the schedule, milliseconds since the epoch. */
  readonly scheduledMs: number;
  /** When its next attempt is due. */
  readonly dueMs: number;
  /** When its first attempt began. */
  readonly startMs?: number;
  /** Attempts that have failed. */
  readonly failures: number;
}

/** Job.retry_config, in milliseconds. */
export interface RetryRule extends Backoff {
  readonly retryCount: number;
  /** 0: no limit of its own. */
  readonly maxRetryMs: number;
}

/** The first execution after `nowMs`; undefined when the schedule has none. */
export function nextExecution(schedule: Schedule, nowMs: number): Execution | undefined {
  return executionAfter(schedule, nowMs, nowMs);
}

/** The execution as its attempt begins: a retry whose time has come only after the schedule's next one is that next one. */
export function begun(execution: Execution, schedule: Schedule, nowMs: number): Execution {
  if (execution.failures > 0) {
    const next = schedule.next(coveredMs(execution), nowMs);
    if (next !== undefined && next <= nowMs) return { scheduledMs: next, dueMs: nowMs, startMs: nowMs, failures: 0 };
  }
  return { ...execution, startMs: execution.startMs ?? nowMs };
}

/**
 * What comes after an attempt: a retry, unless the schedule comes first, or the next execution. Times of the schedule that passed
 * while this one ran lead to one execution now; those that passed before it began, while the server was down, are done with it.
 */
export function ended(
  execution: Execution,
  succeeded: boolean,
  schedule: Schedule,
  rule: RetryRule,
  nowMs: number,
): Execution | undefined {
  const next = executionAfter(schedule, coveredMs(execution), nowMs);
  if (succeeded) return next;
  const retry = retryOf(execution, rule, nowMs);
  return retry && (!next || retry.dueMs < next.dueMs) ? retry : next;
}

/** The execution with its next retry; undefined when there is none left. */
export function retryOf(execution: Execution, rule: RetryRule, nowMs: number): Execution | undefined {
  const failures = execution.failures + 1;
  if (rule.retryCount === 0) return undefined;
  const withinTime = rule.maxRetryMs > 0 && nowMs - (execution.startMs ?? nowMs) < rule.maxRetryMs;
  if (failures > rule.retryCount && !withinTime) return undefined;
  return { ...execution, failures, dueMs: nowMs + retryIntervalMs(rule, failures) };
}

function executionAfter(schedule: Schedule, covered: number, nowMs: number): Execution | undefined {
  const scheduledMs = schedule.next(covered, nowMs);
  if (scheduledMs === undefined) return undefined;
  return { scheduledMs, dueMs: Math.max(scheduledMs, nowMs), failures: 0 };
}

/** All times of the schedule up to this one are done with the execution. */
function coveredMs({ scheduledMs, startMs }: Execution): number {
  return Math.max(scheduledMs, startMs ?? scheduledMs);
}
