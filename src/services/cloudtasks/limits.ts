/** Limits of Cloud Tasks. Google: tasks/v2/queue.proto and task.proto, cloud.google.com/tasks/docs/quotas. */
export const LIMITS = {
  dispatchesPerSecond: 500,
  concurrentDispatches: 5_000,
  taskBytes: 100 * 1024,
  /** How far ahead a task may be scheduled. */
  scheduleAheadMs: 30 * 86_400_000,
  shortestDeadlineMs: 15_000,
  longestDeadlineMs: 30 * 60_000,
  /** How long a task lives, dispatched or not. */
  taskLifeMs: 31 * 86_400_000,
  /** How long the name of a task that is gone cannot be used again. */
  taskTombstoneMs: 3_600_000,
  /** The same for queues. */
  queueTombstoneMs: 7 * 86_400_000,
  queuePageSize: 9_800,
  taskPageSize: 1_000,
} as const;

/** What Google picks for queues that do not say. */
export const DEFAULTS = {
  dispatchesPerSecond: 500,
  concurrentDispatches: 1_000,
  maxAttempts: 100,
  minBackoffMs: 100,
  maxBackoffMs: 3_600_000,
  maxDoublings: 16,
  deadlineMs: 10 * 60_000,
} as const;
