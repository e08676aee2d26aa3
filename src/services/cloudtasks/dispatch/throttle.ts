/**
 * How much a queue is slowed down, since its target asks for it by 429 and 503 or fails most of the time. Google: tasks/v2/target.proto
 * says that it does so, not how much; here each sign halves the rate, at most once a second and down to a tenth, and
 * every second without one brings back a tenth of the whole.
 */
export interface Throttle {
  /** What is left of the rate, up to 1. */
  readonly factor: number;
  /** When the factor was what it says; it has grown since. */
  readonly changedMs: number;
  /** When the queue was slowed down last. */
  readonly slowedMs: number;
  /** Share of failures, with the last ones counting most. */
  readonly errors: number;
  /** Attempts seen, up to where the share says something. */
  readonly seen: number;
}

const LEAST_FACTOR = 0.1;
const EACH_MS = 1_000;
const RECOVERY = 0.1;
const WEIGHT = 0.05;
const ENOUGH = 20;
const HIGH_ERRORS = 0.5;

/** No throttle. */
export const UNTHROTTLED: Throttle = { factor: 1, changedMs: 0, slowedMs: -Infinity, errors: 0, seen: 0 };

/** The throttle after an attempt; `status` is undefined when there was no response. */
export function afterAttempt(
  throttle: Throttle,
  succeeded: boolean,
  status: number | undefined,
  nowMs: number,
): Throttle {
  const errors = throttle.errors + WEIGHT * ((succeeded ? 0 : 1) - throttle.errors);
  const seen = Math.min(throttle.seen + 1, ENOUGH);
  const isAsked = status === 429 || status === 503;
  const isFailing = !succeeded && seen === ENOUGH && errors > HIGH_ERRORS;
  const now = { ...recovered(throttle, nowMs), errors, seen };
  if ((!isAsked && !isFailing) || nowMs - now.slowedMs < EACH_MS) return now;
  return { ...now, factor: Math.max(now.factor / 2, LEAST_FACTOR), changedMs: nowMs, slowedMs: nowMs };
}

/** The throttle at a later time. */
export function recovered(throttle: Throttle, nowMs: number): Throttle {
  if (throttle.factor === 1) return throttle;
  const steps = Math.floor((nowMs - throttle.changedMs) / EACH_MS);
  if (steps <= 0) return throttle;
  const factor = Math.min(throttle.factor + steps * RECOVERY, 1);
  return { ...throttle, factor, changedMs: throttle.changedMs + steps * EACH_MS };
}
