/** What the autoscaler sees of one instance. */
export interface InstanceStats {
  readonly id: string;
  readonly state: "starting" | "ready" | "stopping" | "gone";
  /** Requests it serves now. */
  readonly active: number;
  /** When it last served a request, or became ready. */
  readonly idleSinceMs: number;
}

/** What instances were asked for on average over the last minute. */
export interface LoadStats {
  /** Requests at the same time, those that waited included. */
  readonly requests: number;
  /** CPUs in use. */
  readonly cpus: number;
}

export interface ScalingStats {
  readonly instances: readonly InstanceStats[];
  /** Requests that wait for an instance. */
  readonly queued: number;
  readonly load: LoadStats;
  readonly concurrency: number;
  readonly cpusPerInstance: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Until then, instances that have just become ready are given the time to take on the requests that wait. */
  readonly settleMs: number;
  /** Instances that may run above maxInstances for now, while they take the place of others. */
  readonly surge: number;
  readonly idleMs: number;
  /** Earliest time to start instances for traffic after starts that failed. */
  readonly trafficRetryMs: number;
  /** Earliest time to start any other instance after starts that failed, and after instances that ended by themselves. */
  readonly retryMs: number;
  /** The last start failed: another one is tried before there are more. */
  readonly isFailing: boolean;
}

export interface ScalingPlan {
  /** Instances to start, by reason. */
  readonly start: { readonly forTraffic: number; readonly forMinimum: number };
  /** Ids of instances to stop: more than maxInstances, or idle for too long and not needed. */
  readonly stop: readonly string[];
  /** How many instances are to share the requests as long as they are not busy; the others become idle and then go. */
  readonly spread: number;
  /** When to plan again though nothing happens; undefined when nothing is pending. */
  readonly nextMs: number | undefined;
}

/** Google: Cloud Run, "About instance autoscaling": the part of concurrency and of CPU that instances are to be used to. */
const TARGET_UTILIZATION = 0.6;

/** What time measures is not exact; one thousandth of an instance is none. */
const TOLERANCE = 0.001;

/**
 * Decides how many instances to start and which to stop. Requests that wait and that no starting instance will take
 * start instances at once, up to maxInstances; so do concurrency and CPU that were above their target for a minute.
 * Instances that were idle for `idleMs` go, down to minInstances. Google: Cloud Run, "About instance autoscaling".
 */
export function planScaling(nowMs: number, stats: ScalingStats): ScalingPlan {
  const alive = stats.instances.filter(({ state }) => state === "starting" || state === "ready");
  const surplus = surplusInstances(alive, stats);
  const kept = surplus.length === 0 ? alive : alive.filter(({ id }) => !surplus.includes(id));
  const { stop, nextMs } = idleInstances(nowMs, kept, stats);
  const traffic = startsForTraffic(nowMs, kept, stats);
  const minimum = startsForMinimum(kept, traffic, stats);
  const isTrafficPutOff = nowMs < trafficRetryMs(kept, stats);
  const isMinimumPutOff = nowMs < stats.retryMs;
  const pending = [
    isTrafficPutOff && traffic > 0 ? trafficRetryMs(kept, stats) : undefined,
    isMinimumPutOff && minimum > 0 ? stats.retryMs : undefined,
    nowMs < stats.settleMs && stats.queued > 0 ? stats.settleMs : undefined,
    nextMs,
  ].filter((time) => time !== undefined);
  return {
    start: { forTraffic: isTrafficPutOff ? 0 : traffic, forMinimum: isMinimumPutOff ? 0 : minimum },
    stop: [...surplus, ...stop],
    spread: stats.load.requests < 1 ? Infinity : Math.max(stats.minInstances, recommended(stats)),
    nextMs: pending.length === 0 ? undefined : Math.min(...pending),
  };
}

/** Requests that an instance is to serve before others get some that would else be idle. */
export function targetConcurrency(concurrency: number): number {
  return Math.ceil(concurrency * TARGET_UTILIZATION);
}

/** Instances that bring concurrency and CPU of the last minute to their target: the larger number of the two. */
function recommended({ load, concurrency, cpusPerInstance }: ScalingStats): number {
  return Math.max(instancesFor(load.requests, concurrency), instancesFor(load.cpus, cpusPerInstance));
}

function instancesFor(used: number, perInstance: number): number {
  return Math.max(0, Math.ceil(used / perInstance / TARGET_UTILIZATION - TOLERANCE));
}

/** A first instance is started whenever a request waits for it; nothing else depends on the others. */
function trafficRetryMs(alive: readonly InstanceStats[], stats: ScalingStats): number {
  return alive.length === 0 ? stats.trafficRetryMs : Math.max(stats.trafficRetryMs, stats.retryMs);
}

function startsForTraffic(nowMs: number, alive: readonly InstanceStats[], stats: ScalingStats): number {
  const starting = alive.filter(({ state }) => state === "starting").length;
  const uncovered = nowMs < stats.settleMs ? 0 : stats.queued - starting * stats.concurrency;
  const wanted = Math.ceil(Math.max(0, uncovered) / stats.concurrency);
  // From zero only requests scale: an instance uses some CPU even when it does nothing.
  const short = alive.length === 0 ? 0 : recommended(stats) - alive.length;
  const possible = Math.max(0, stats.maxInstances - alive.length);
  return Math.min(Math.max(wanted, short), possible, atOnce(alive, stats));
}

function startsForMinimum(alive: readonly InstanceStats[], traffic: number, stats: ScalingStats): number {
  const missing = Math.min(stats.minInstances, stats.maxInstances) - alive.length - traffic;
  return Math.max(0, Math.min(missing, atOnce(alive, stats) - traffic));
}

function atOnce(alive: readonly InstanceStats[], { isFailing }: ScalingStats): number {
  if (!isFailing) return Infinity;
  return alive.some(({ state }) => state === "starting") ? 0 : 1;
}

/** More than there may be: those that do least go first, each once it has finished its requests. */
function surplusInstances(alive: readonly InstanceStats[], { maxInstances, surge }: ScalingStats): readonly string[] {
  const count = alive.length - maxInstances - surge;
  if (count <= 0) return [];
  return alive.toSorted(byUse).slice(0, count).map(idOf);
}

function byUse(a: InstanceStats, b: InstanceStats): number {
  if (a.state !== b.state) return a.state === "starting" ? -1 : 1;
  return a.active - b.active || a.idleSinceMs - b.idleSinceMs;
}

/** To zero it goes by requests alone, for the same reason. */
function idleInstances(nowMs: number, alive: readonly InstanceStats[], stats: ScalingStats) {
  const needed = recommended(stats);
  const spare = Math.max(0, alive.length - Math.max(stats.minInstances, needed > 1 ? needed : 0));
  const idle = alive
    .filter(({ state, active }) => state === "ready" && active === 0)
    .sort((a, b) => a.idleSinceMs - b.idleSinceMs)
    .slice(0, spare);
  const stop = idle.filter(({ idleSinceMs }) => nowMs - idleSinceMs >= stats.idleMs).map(idOf);
  const next = idle[stop.length];
  return { stop, nextMs: next === undefined ? undefined : next.idleSinceMs + stats.idleMs };
}

function idOf({ id }: InstanceStats): string {
  return id;
}
