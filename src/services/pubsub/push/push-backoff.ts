/** Google: "this time span can range between 100 milliseconds to 60 seconds". */
const SHORTEST_MS = 100;
const LONGEST_MS = 60_000;

/**
 * How long a subscription without a retry policy pauses after failures; all of its messages wait. Each failure that came
 * after the last pause doubles the next one, each success halves it. Google: Pub/Sub, "Push backoff".
 */
export class PushBackoff {
  #level = 0;
  #untilMs = 0;

  /** Until when nothing is to be pushed; in the past when nothing is held back. */
  get untilMs(): number {
    return this.#untilMs;
  }

  succeeded(): void {
    if (this.#level > 0) this.#level -= 1;
  }

  /** A push that began at `startMs` failed. Those that were under way together count as one. */
  failed(startMs: number, nowMs: number): void {
    if (startMs < this.#untilMs) return;
    const pauseMs = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#level);
    this.#level += pauseMs < LONGEST_MS ? 1 : 0;
    this.#untilMs = nowMs + pauseMs;
  }
}
