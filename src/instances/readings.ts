import type { WorkloadSpec } from "./workload.ts";

/** What is known of an instance at a moment, for metrics. Times count from its start. */
export interface InstanceReading {
  readonly workload: WorkloadSpec;
  readonly instanceId: string;
  readonly state: "starting" | "active" | "idle" | "ended";
  /** How long the start took; undefined while it starts, and when it failed. */
  readonly startupMs: number | undefined;
  readonly aliveMs: number;
  /** Time with at least one request, the start included; of a task all of its time. */
  readonly busyMs: number;
  /** Requests at the same time since the last reading, at most; 0 where there are none. */
  readonly peakRequests: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** Something that can be read: an instance, or the attempt of a task. */
export interface Readable {
  read(): Promise<InstanceReading>;
}

/** All instances of a floor, and the last readings of those that have ended meanwhile. */
export interface InstanceReadings {
  /** Reads it from now on; disposing, once, when it has ended. */
  add(readable: Readable): Disposable;
  /** A reading of every instance; those that have ended since the last call come once more. */
  take(): Promise<readonly InstanceReading[]>;
}

/** Ended instances whose last readings wait; more would only fill memory where nobody asks for readings. */
const MAX_ENDED = 10_000;

export function createInstanceReadings(): InstanceReadings {
  const alive = new Set<Readable>();
  let ended: Promise<InstanceReading>[] = [];
  return {
    add(readable) {
      alive.add(readable);
      return {
        [Symbol.dispose]() {
          if (!alive.delete(readable) || ended.length >= MAX_ENDED) return;
          ended.push(readable.read().then((last) => ({ ...last, state: "ended" })));
        },
      };
    },
    async take() {
      const gone = ended;
      ended = [];
      return Promise.all([...gone, ...[...alive].map((readable) => readable.read())]);
    },
  };
}
