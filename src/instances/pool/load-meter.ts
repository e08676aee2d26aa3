import type { Clock } from "../../platform/clock.ts";
import type { LoadStats } from "./autoscale.ts";
import { BUCKET_MS, loadWindow } from "./load-window.ts";

/** An instance whose CPU time can be read. */
export interface Metered {
  /** CPU time of all its containers since it started. */
  cpuUsedSeconds(): Promise<number>;
}

/** Measures what the instances of a revision are asked for. */
export interface LoadMeter {
  /** Requests that are served or wait now. */
  readonly requests: number;
  /** A request has come (1) or ended (-1). */
  count(change: 1 | -1): void;
  /** Starts to measure the CPU time of an instance. */
  watch(instance: Metered): void;
  /** Reads the CPU time of instances, unless that was done within the last five seconds. */
  sample(instances: Iterable<Metered>): void;
  average(): LoadStats;
}

export function loadMeter(clock: Clock): LoadMeter {
  const window = loadWindow();
  const seen = new WeakMap<Metered, number>();
  let requests = 0;
  let sampledMs = 0;

  const read = async (instance: Metered) => {
    // An instance that has just ended has no CPU time any more.
    const used = await instance.cpuUsedSeconds().catch(() => 0);
    const before = seen.get(instance);
    if (before !== undefined && used > before) window.addCpu(clock.nowMs(), used - before);
    seen.set(instance, used);
  };
  return {
    get requests() {
      return requests;
    },
    count(change) {
      requests += change;
      window.setRequests(clock.nowMs(), requests);
    },
    watch: (instance) => void read(instance),
    sample(instances) {
      if (clock.nowMs() - sampledMs < BUCKET_MS) return;
      sampledMs = clock.nowMs();
      for (const instance of instances) void read(instance);
    },
    average: () => window.average(clock.nowMs()),
  };
}
