/** What decides how long a request may wait for an instance. */
export interface QueueStats {
  readonly queued: number;
  readonly starting: number;
  readonly alive: number;
  readonly maxInstances: number;
  /** Mean time of earlier starts of the revision; undefined before the first one. */
  readonly averageStartMs: number | undefined;
  /** Least waiting time, 10 s on Cloud Run. */
  readonly pendingMs: number;
}

/**
 * Why a request got no instance: the limit of instances is reached, instances do not come fast enough, or there are to be
 * none at all.
 */
export type Refusal = "AT_MAX_INSTANCES" | "NO_INSTANCE" | "DISABLED";

const START_FACTOR = 3.5;

/** Requests of one revision that may wait at the same time; more would only fill memory. */
const MAX_QUEUED = 10_000;

/**
 * How long a request may wait: 3.5 times the average start time, at least `pendingMs`; while the first instance ever
 * starts, as long as that takes (its startup probe bounds it). Google: Cloud Run, "About instance autoscaling".
 */
export function waitLimitMs(stats: QueueStats): number {
  if (stats.averageStartMs === undefined && stats.starting > 0) return Infinity;
  return Math.max(stats.pendingMs, START_FACTOR * (stats.averageStartMs ?? 0));
}

/** Whether one more request may join the queue. */
export function mayQueue(stats: QueueStats): boolean {
  return stats.queued < MAX_QUEUED && stats.maxInstances > 0;
}

/** Which refusal a request gets that waited too long. */
export function refusalOf(stats: QueueStats): Refusal {
  if (stats.maxInstances === 0) return "DISABLED";
  return stats.alive >= stats.maxInstances ? "AT_MAX_INSTANCES" : "NO_INSTANCE";
}
