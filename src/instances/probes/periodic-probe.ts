import type { Clock } from "../../platform/clock.ts";
import type { ProbeSpec } from "../workload.ts";
import { check, type ProbeResult } from "./probe-checks.ts";

export interface PeriodicProbe {
  readonly clock: Clock;
  readonly address: string;
  readonly probe: ProbeSpec;
  /** Runs each attempt, for example with CPU given to the container meanwhile. */
  readonly around: <T>(attempt: () => Promise<T>) => Promise<T>;
  /** Called when `failureThreshold` attempts in a row have failed; then not again before it has passed. */
  readonly onFailed: (attempts: number, why: Exclude<ProbeResult, "HEALTHY">) => void;
  /** Called with the first attempt that passes and, after it had failed, once `successThreshold` in a row have. */
  readonly onPassed: (attempts: number) => void;
}

/**
 * Probes a running container, one attempt per period, until the signal aborts. Never rejects.
 * Google: google.cloud.run.v2.Probe, liveness and readiness.
 */
export async function probePeriodically(options: PeriodicProbe, signal: AbortSignal): Promise<void> {
  const { clock, probe } = options;
  const results = resultCounter(options);
  let nextMs = clock.nowMs() + probe.initialDelaySeconds * 1000;
  for (;;) {
    await clock.sleep(Math.max(0, nextMs - clock.nowMs()), signal).catch(() => undefined);
    if (signal.aborted) return;
    nextMs = clock.nowMs() + probe.periodSeconds * 1000;
    const result = await attempt(options, signal);
    if (signal.aborted) return;
    results.add(result);
  }
}

/** Counts results and tells when they make the probe pass or fail. */
function resultCounter({ probe, onFailed, onPassed }: PeriodicProbe) {
  let state: "UNKNOWN" | "PASSED" | "FAILED" = "UNKNOWN";
  let passes = 0;
  let failures = 0;
  return {
    add(result: ProbeResult): void {
      if (result === "HEALTHY") {
        passes++;
        const attempts = state === "UNKNOWN" ? failures + passes : passes;
        failures = 0;
        if (state === "PASSED" || (state === "FAILED" && passes < probe.successThreshold)) return;
        state = "PASSED";
        onPassed(attempts);
        return;
      }
      passes = 0;
      failures++;
      if (state === "FAILED" || failures < probe.failureThreshold) return;
      state = "FAILED";
      onFailed(failures, result);
    },
  };
}

function attempt({ clock, address, probe, around }: PeriodicProbe, signal: AbortSignal): Promise<ProbeResult> {
  return around(async () => {
    const expiry = new AbortController();
    using _timer = clock.after(probe.timeoutSeconds * 1000, () => expiry.abort());
    return await check(address, probe, AbortSignal.any([signal, expiry.signal]));
  });
}
