import { type EventLoopUtilization, performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "./clock.ts";

const LOOK_EVERY_MS = 1_000;
/** Share of a look's time that an idle process may have worked. */
const IDLE_UTILIZATION = 0.05;
/** Looks in a row that find it idle: few after the start, which only waits for other processes, more once callers may be back. */
const IDLE_LOOKS = { first: 2, later: 10 };
/** Growth from which on a collection, which takes some tens of milliseconds, is worth it. */
const WORTHWHILE_BYTES = 16 * 1024 * 1024;

/** What the decisions look at; the process itself unless told. */
export interface HeapWatch {
  readonly utilization: (since?: EventLoopUtilization) => EventLoopUtilization;
  readonly residentBytes: () => number;
  readonly collect: () => void;
}

/**
 * Gives memory back to the system whenever the process has grown and then had nothing to do: for two seconds after
 * its start, for ten after builds, deployments and bursts of requests. Nothing is answered while it collects.
 */
export function shrinkHeapWhenIdle(clock: Clock, given: Partial<HeapWatch> = {}): Disposable {
  const watch = { ...ownProcess(), ...given };
  let before = watch.utilization();
  let keptBytes = 0;
  let idleLooks = 0;
  return clock.every(LOOK_EVERY_MS, () => {
    const { utilization } = watch.utilization(before);
    before = watch.utilization();
    idleLooks = utilization > IDLE_UTILIZATION ? 0 : idleLooks + 1;
    if (idleLooks < (keptBytes === 0 ? IDLE_LOOKS.first : IDLE_LOOKS.later)) return;
    if (watch.residentBytes() < keptBytes + WORTHWHILE_BYTES) return;
    watch.collect();
    idleLooks = 0;
    keptBytes = watch.residentBytes();
  });
}

function ownProcess(): HeapWatch {
  let gc: NodeJS.GCFunction | undefined;
  return {
    utilization: (since) => performance.eventLoopUtilization(since),
    residentBytes: () => process.memoryUsage.rss(),
    collect() {
      gc ??= collector();
      // Only this flavour gives pages back at once.
      gc({ type: "major", execution: "sync", flavor: "last-resort" });
      // The first time, what only the start needed goes, compiled code too. After it, what has been compiled is what
      // requests run, and compiling that anew doubles what each of the next ten thousand of them costs.
      setFlagsFromString("--no-flush-bytecode");
    },
  };
}

function collector(): NodeJS.GCFunction {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as NodeJS.GCFunction;
  setFlagsFromString("--no-expose-gc");
  return gc;
}
