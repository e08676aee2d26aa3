/** How retries of Cloud Scheduler and Cloud Tasks are spaced. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
  readonly maxDoublings: number;
}

/**
 * Milliseconds between failure number `failures` (from 1) and the retry that follows it: from the least time on it doubles
 * `maxDoublings` times, then it grows by what the last doubling reached, up to the most. 10 s, 300 s and 3 doublings
 * give 10, 20, 40, 80, 160, 240, 300, 300 s. Google: scheduler/v1/job.proto and tasks/v2/queue.proto, max_doublings.
 */
export function retryIntervalMs({ minMs, maxMs, maxDoublings }: Backoff, failures: number): number {
  const doublings = Math.min(failures - 1, maxDoublings);
  const steps = Math.max(failures - maxDoublings, 1);
  return Math.min(minMs * 2 ** doublings * steps, maxMs);
}
