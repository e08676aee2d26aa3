import type { InstanceReading } from "../../../instances/readings.ts";
import type { RevisionSpec } from "../../../instances/serving.ts";

/** What an instance used between two readings. */
export interface Usage {
  /** How long the start took, in the reading that tells it first. */
  readonly startupMs: number | undefined;
  readonly elapsedMs: number;
  readonly billableMs: number;
  readonly cpuSeconds: number;
}

const NOTHING = { startupMs: undefined, aliveMs: 0, busyMs: 0, cpuSeconds: 0 };

/**
 * The usage since `before`, or since the start. Google: Cloud Run, "Billing settings": with CPU only during requests, time
 * is billable while an instance starts or serves; with CPU always, all of it.
 */
export function usageBetween(before: InstanceReading | undefined, now: InstanceReading): Usage {
  const from = before ?? NOTHING;
  const { cpuIdle = false } = now.workload as Partial<RevisionSpec>;
  const [elapsedMs, busyMs] = [now.aliveMs - from.aliveMs, now.busyMs - from.busyMs];
  return {
    startupMs: from.startupMs === undefined ? now.startupMs : undefined,
    elapsedMs: Math.max(0, elapsedMs),
    billableMs: Math.max(0, cpuIdle ? busyMs : elapsedMs),
    // An instance that has ended is read as having used nothing.
    cpuSeconds: Math.max(0, now.cpuSeconds - from.cpuSeconds),
  };
}
