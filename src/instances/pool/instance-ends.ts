import type { SandboxExit } from "../sandbox.ts";
import type { StartBackoff } from "./start-backoff.ts";

/** An instance that may end. */
export interface Mortal {
  readonly exit: SandboxExit | undefined;
}

/** Tells instances that ended by themselves from those that were stopped, and lets the back-off know of the former. */
export interface InstanceEnds {
  /** The instance has become ready. */
  ready(instance: Mortal, nowMs: number): void;
  /** The instance is about to end because it is told to. */
  expect(instance: Mortal): void;
  isExpected(instance: Mortal): boolean;
  /** Looks which instances have ended since the last time, and tells of those that ended with code 0. */
  note(instances: Iterable<Mortal>, nowMs: number): void;
}

export function instanceEnds(backoff: Pick<StartBackoff, "ended">, completed: () => void = () => {}): InstanceEnds {
  const readyMs = new WeakMap<Mortal, number>();
  const expected = new WeakSet<Mortal>();
  return {
    ready: (instance, nowMs) => void readyMs.set(instance, nowMs),
    expect: (instance) => void expected.add(instance),
    isExpected: (instance) => expected.has(instance),
    note(instances, nowMs) {
      for (const instance of instances) {
        const sinceMs = readyMs.get(instance);
        if (instance.exit === undefined || sinceMs === undefined || expected.has(instance)) continue;
        expected.add(instance);
        backoff.ended(nowMs, sinceMs);
        if (instance.exit.exitCode === 0) completed();
      }
    },
  };
}
