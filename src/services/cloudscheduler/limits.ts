/** Limits of Cloud Scheduler. Google: scheduler/v1/job.proto and cloud.google.com/scheduler/quotas. */
export const LIMITS = {
  descriptionLength: 500,
  jobBytes: 1024 * 1024,
  retryCount: 5,
  /** Of attempts at HTTP targets. */
  shortestDeadlineMs: 15_000,
  longestDeadlineMs: 30 * 60_000,
  pageSize: 500,
  /** Jobs whose attempts are under way at the same time. */
  parallelAttempts: 512,
} as const;
