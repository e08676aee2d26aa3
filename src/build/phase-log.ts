import type { Clock } from "../platform/clock.ts";
import type { PhaseTime } from "./lifecycle/exchange.ts";

/** Collects when each phase of a build began and ended, in milliseconds since the Unix epoch. */
export interface PhaseLog {
  readonly phases: readonly PhaseTime[];
  /** Runs a phase and notes its times, also when it fails. */
  run<Result>(name: string, body: () => Promise<Result>): Promise<Result>;
  /** Adds phases whose times count from `originMs`. */
  add(phases: readonly PhaseTime[], originMs: number): void;
}

/** An empty log. */
export function createPhaseLog(clock: Clock): PhaseLog {
  const phases: PhaseTime[] = [];
  return {
    phases,
    async run(name, body) {
      const startMs = clock.nowMs();
      try {
        return await body();
      } finally {
        phases.push({ name, startMs, endMs: clock.nowMs() });
      }
    },
    add(relative, originMs) {
      const at = (ms: number): number => Math.round(originMs + ms);
      phases.push(...relative.map(({ name, startMs, endMs }) => ({ name, startMs: at(startMs), endMs: at(endMs) })));
    },
  };
}
