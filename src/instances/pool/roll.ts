import type { StartOutcome } from "../serving.ts";

/** An instance that may be replaced. */
export interface Replaceable {
  readonly state: string;
  /** Requests it serves now. */
  readonly active: number;
  readonly outcome: Promise<StartOutcome>;
}

export interface RollDeps<T extends Replaceable> {
  /** Instances that start or serve. */
  readonly alive: () => readonly T[];
  /** Whether an instance runs what is wanted now. */
  readonly isCurrent: (instance: T) => boolean;
  readonly minInstances: () => number;
  readonly start: () => T;
  /** Stops an instance once it has finished its requests. */
  readonly stop: (instance: T) => void;
}

/** Replaces instances that are not current. */
export interface Roll {
  readonly isRunning: boolean;
  /** Begins, unless it runs already; resolves when there is nothing left to replace. */
  run(): Promise<void>;
}

/**
 * Each instance goes as soon as its successor is ready, so that no request notices. When a successor does not start the
 * roll ends: what runs then stays.
 */
export function roll<T extends Replaceable>(deps: RollDeps<T>): Roll {
  let isRunning = false;
  return {
    get isRunning() {
      return isRunning;
    },
    async run() {
      if (isRunning) return;
      isRunning = true;
      await replaceOutdated(deps);
      isRunning = false;
    },
  };
}

async function replaceOutdated<T extends Replaceable>(deps: RollDeps<T>): Promise<void> {
  const outdated = () => deps.alive().find((instance) => !deps.isCurrent(instance));
  for (let old = outdated(); old !== undefined; old = outdated()) {
    const successors = deps.alive().filter((each) => deps.isCurrent(each) && each.state === "ready").length;
    if (old.active > 0 || successors < Math.max(1, deps.minInstances())) {
      // It may have been stopped for want of memory, too.
      if (!(await deps.start().outcome).ready) return;
    }
    deps.stop(old);
  }
}
