import type { Clock } from "../../platform/clock.ts";
import type { ProbeSpec } from "../workload.ts";
import { check, type ProbeResult } from "./probe-checks.ts";

/** Waits between looks while nobody listens: short at first, so that the probe adds next to nothing to a start. */
const REFUSED_WAITS: readonly { readonly untilMs: number; readonly waitMs: number }[] = [
  { untilMs: 1_000, waitMs: 3 },
  { untilMs: 10_000, waitMs: 20 },
  { untilMs: Infinity, waitMs: 100 },
];

export type StartupOutcome =
  /** Attempts that were made, the passing one included. */
  | { readonly passed: true; readonly attempts: number }
  | { readonly passed: false; readonly attempts: number; readonly why: Exclude<ProbeResult, "HEALTHY"> };

/**
 * Probes a starting container until one attempt passes or `failureThreshold` attempts, one per period, have failed.
 * An attempt lasts until its timeout while nobody listens (such looks are unseen by the container), and ends at the
 * first unhealthy answer. Rejects with the signal's reason when it aborts.
 * Google: google.cloud.run.v2.Probe; the default is a TCP probe with timeout and period 240 s and threshold 1.
 */
export async function awaitStartup(
  clock: Clock,
  address: string,
  probe: ProbeSpec,
  signal: AbortSignal,
): Promise<StartupOutcome> {
  await wait(clock, probe.initialDelaySeconds * 1000, signal);
  const startMs = clock.nowMs();
  for (let attempts = 1; ; attempts++) {
    const attemptMs = clock.nowMs();
    const why = await attempt(clock, address, probe, startMs, signal);
    signal.throwIfAborted();
    if (why === "HEALTHY") return { passed: true, attempts };
    if (attempts >= probe.failureThreshold) return { passed: false, attempts, why };
    await wait(clock, attemptMs + probe.periodSeconds * 1000 - clock.nowMs(), signal);
  }
}

async function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await clock.sleep(ms, signal).catch(() => undefined);
  signal.throwIfAborted();
}

async function attempt(
  clock: Clock,
  address: string,
  probe: ProbeSpec,
  startMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const expiry = new AbortController();
  using _timer = clock.after(probe.timeoutSeconds * 1000, () => expiry.abort());
  const either = AbortSignal.any([signal, expiry.signal]);
  for (;;) {
    const result = await check(address, probe, either);
    if (result !== "REFUSED") return result;
    await clock.sleep(waitMs(clock.nowMs() - startMs));
    if (either.aborted) return result;
  }
}

function waitMs(elapsedMs: number): number {
  return REFUSED_WAITS.find(({ untilMs }) => elapsedMs < untilMs)?.waitMs ?? 100;
}

/** Whether it is the probe that a revision has when none is configured; its log messages begin with "Default". */
export function isDefaultProbe(probe: ProbeSpec): boolean {
  return (
    probe.kind === "tcp" && probe.timeoutSeconds === 240 && probe.periodSeconds === 240 && probe.failureThreshold === 1
  );
}
