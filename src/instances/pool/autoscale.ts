/** What the autoscaler sees of one instance. */
export interface InstanceStats {
  readonly id: string;
  readonly state: "starting" | "ready" | "stopping" | "gone";
  /** Requests it serves now. */
  readonly active: number;
  /** When it last served a request, or became ready. */
  readonly idleSinceMs: number;
}

export interface ScalingStats {
  readonly instances: readonly InstanceStats[];
  /** Requests that wait for an instance. */
  readonly queued: number;
  readonly concurrency: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly idleMs: number;
  /** Earliest time to start instances after starts that failed, except for the first one that a request needs. */
  readonly retryAtMs: number;
}

export interface ScalingPlan {
  /** Instances to start, by reason. */
  readonly start: { readonly forTraffic: number; readonly forMinimum: number };
  /** Ids of instances to stop: idle for too long, and not needed for minInstances. */
  readonly stop: readonly string[];
  /** When to plan again though nothing happens; undefined when nothing is pending. */
  readonly nextMs: number | undefined;
}

/**
 * Decides how many instances to start and which to stop. Queued requests that no starting instance will take start
 * instances at once, up to maxInstances; instances that were idle for `idleMs` go, down to minInstances.
 * Google: Cloud Run, "About instance autoscaling".
 */
export function planScaling(nowMs: number, stats: ScalingStats): ScalingPlan {
  const alive = stats.instances.filter(({ state }) => state === "starting" || state === "ready");
  const { stop, nextMs } = idleInstances(nowMs, alive, stats);
  const traffic = startsForTraffic(alive, stats);
  const minimum = Math.max(0, Math.min(stats.minInstances, stats.maxInstances) - alive.length - traffic);
  const wait = nowMs < stats.retryAtMs;
  const start = { forTraffic: wait && alive.length > 0 ? 0 : traffic, forMinimum: wait ? 0 : minimum };
  const isPutOff = start.forTraffic < traffic || start.forMinimum < minimum;
  return { start, stop, nextMs: earliest(isPutOff ? stats.retryAtMs : undefined, nextMs) };
}

function startsForTraffic(alive: readonly InstanceStats[], stats: ScalingStats): number {
  const starting = alive.filter(({ state }) => state === "starting").length;
  const uncovered = stats.queued - starting * stats.concurrency;
  const wanted = Math.ceil(Math.max(0, uncovered) / stats.concurrency);
  return Math.min(wanted, Math.max(0, stats.maxInstances - alive.length));
}

function idleInstances(nowMs: number, alive: readonly InstanceStats[], stats: ScalingStats) {
  const spare = Math.max(0, alive.length - stats.minInstances);
  const idle = alive
    .filter(({ state, active }) => state === "ready" && active === 0)
    .sort((a, b) => a.idleSinceMs - b.idleSinceMs)
    .slice(0, spare);
  const stop = idle.filter(({ idleSinceMs }) => nowMs - idleSinceMs >= stats.idleMs).map(({ id }) => id);
  const next = idle[stop.length];
  return { stop, nextMs: next === undefined ? undefined : next.idleSinceMs + stats.idleMs };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const MAX_BACKOFF_MS = 60_000;

/** How long to wait after the n-th failed start in a row before an instance is started without a request. */
export function startBackoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(MAX_BACKOFF_MS, 1000 * 2 ** (failures - 1));
}
