/** How long starts of a revision are put off after starts that failed and instances that ended by themselves. */
export interface StartBackoff {
  /** Earliest time of a start that a waiting request needs. */
  readonly trafficRetryMs: number;
  /** Earliest time of any other start. */
  readonly retryMs: number;
  /** Whether the last start failed. */
  readonly isFailing: boolean;
  /** An instance has become ready. */
  succeeded(): void;
  /** A start that began at `startMs` has failed. */
  failed(nowMs: number, startMs: number): void;
  /** An instance that was ready from `readyMs` on has ended, though nobody stopped it. */
  ended(nowMs: number, readyMs: number): void;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** Shorter than any request waits for an instance: it shall learn why there is none. */
const LONGEST_TRAFFIC_DELAY_MS = 5_000;
const FIRST_TRAFFIC_DELAY_MS = 250;
const FREE_TRAFFIC_FAILURES = 2;
/** An instance that lived longer has not ended because of how it starts. */
const HEALTHY_MS = 10_000;

/**
 * Delays that double, from 1 s to 60 s. Starts that requests wait for are not put off for the first two failures, and then
 * from 250 ms to 5 s. An instance that ends is replaced at once; one that ends again within 10 s of being ready waits.
 */
export function startBackoff(): StartBackoff {
  let failures = series((count) => startBackoffMs(count));
  let trafficFailures = series(trafficBackoffMs);
  let ends = series((count) => startBackoffMs(count - 1));
  let isFailing = false;
  return {
    get trafficRetryMs() {
      return trafficFailures.retryMs;
    },
    get retryMs() {
      return Math.max(failures.retryMs, ends.retryMs);
    },
    get isFailing() {
      return isFailing;
    },
    succeeded() {
      isFailing = false;
      failures = series((count) => startBackoffMs(count));
      trafficFailures = series(trafficBackoffMs);
    },
    failed(nowMs, startMs) {
      isFailing = true;
      failures.add(nowMs, startMs);
      trafficFailures.add(nowMs, startMs);
    },
    ended(nowMs, readyMs) {
      if (nowMs - readyMs >= HEALTHY_MS) ends = series((count) => startBackoffMs(count - 1));
      else ends.add(nowMs, readyMs);
    },
  };
}

/** How long to wait after the n-th failed start in a row before an instance is started without a request. */
export function startBackoffMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
}

/** The same for an instance that requests wait for. */
export function trafficBackoffMs(failures: number): number {
  const counted = failures - FREE_TRAFFIC_FAILURES;
  return counted <= 0 ? 0 : Math.min(LONGEST_TRAFFIC_DELAY_MS, FIRST_TRAFFIC_DELAY_MS * 2 ** (counted - 1));
}

/** Failures in a row. Several that were under way at the same time count as one. */
function series(delayMs: (count: number) => number) {
  let count = 0;
  let retryMs = 0;
  return {
    get retryMs() {
      return retryMs;
    },
    add(nowMs: number, sinceMs: number) {
      if (count > 0 && sinceMs < retryMs) return;
      count++;
      retryMs = nowMs + delayMs(count);
    },
  };
}
