/** How long starts of a revision's instances and its requests take. */
export interface Timings {
  /** Mean of about the last ten starts; undefined before the first. */
  readonly averageStartMs: number | undefined;
  /** An instance has become ready. */
  started(nowMs: number, startMs: number): void;
  /** A request has ended. */
  served(requestMs: number): void;
  /**
   * Until when the instances at hand are given the time to take on the requests that wait, when one has just become ready
   * and they will be faster than the start of another one; 0 when they are not.
   */
  settleMs(queued: number, servedAtOnce: number): number;
}

export function timings(): Timings {
  let averageStartMs: number | undefined;
  let averageRequestMs: number | undefined;
  let lastReadyMs = 0;
  return {
    get averageStartMs() {
      return averageStartMs;
    },
    started(nowMs, startMs) {
      averageStartMs = nextAverageMs(averageStartMs, startMs);
      lastReadyMs = nowMs;
    },
    served: (requestMs) => void (averageRequestMs = nextAverageMs(averageRequestMs, requestMs)),
    settleMs(queued, servedAtOnce) {
      const rounds = servedAtOnce === 0 ? Infinity : Math.ceil(queued / servedAtOnce);
      if (averageStartMs === undefined || averageRequestMs === undefined) return 0;
      return rounds * averageRequestMs <= averageStartMs ? lastReadyMs + averageStartMs : 0;
    },
  };
}

/** The running mean of times, over about the last ten. */
export function nextAverageMs(averageMs: number | undefined, timeMs: number): number {
  return averageMs === undefined ? timeMs : averageMs + (timeMs - averageMs) / 10;
}
