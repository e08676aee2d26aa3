import type { Clock } from "../../platform/clock.ts";
import type { ProbeSpec } from "../workload.ts";
import { checkGrpc, checkHttp, checkTcp, type ProbeCheck, type ProbeResult } from "./probe-checks.ts";

const CHECKS: Readonly<Record<ProbeSpec["kind"], ProbeCheck>> = { tcp: checkTcp, http: checkHttp, grpc: checkGrpc };

/** Waits between looks while nobody listens: short at first, so that the probe adds next to nothing to a start. */
const REFUSED_WAITS: readonly { readonly untilMs: number; readonly waitMs: number }[] = [
  { untilMs: 1_000, waitMs: 3 },
  { untilMs: 10_000, waitMs: 20 },
  { untilMs: Infinity, waitMs: 100 },
];

export interface ProbeOutcome {
  readonly passed: boolean;
  /** Attempts that were made, the passing one included. */
  readonly attempts: number;
}

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
): Promise<ProbeOutcome> {
  if (probe.initialDelaySeconds > 0) await clock.sleep(probe.initialDelaySeconds * 1000, signal);
  const startMs = clock.nowMs();
  for (let attempts = 1; ; attempts++) {
    const attemptMs = clock.nowMs();
    if ((await attempt(clock, address, probe, startMs, signal)) === "HEALTHY") return { passed: true, attempts };
    signal.throwIfAborted();
    if (attempts >= probe.failureThreshold) return { passed: false, attempts };
    await clock.sleep(Math.max(0, attemptMs + probe.periodSeconds * 1000 - clock.nowMs()), signal);
  }
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
  const target = { address, port: probe.port, path: probe.path };
  for (;;) {
    const result = await CHECKS[probe.kind](target, either);
    if (result !== "REFUSED" || either.aborted) return result;
    await clock.sleep(waitMs(clock.nowMs() - startMs));
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
