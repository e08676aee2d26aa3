/** Google: "starts with a small single-digit window size". */
const FIRST_SIZE = 5;
/** Google: "after 3,000 outstanding messages per region, the window increases linearly". */
const LINEAR_FROM = 3_000;
/** Google: slower or less successful endpoints than these get no more than that. */
const SLOW_MS = 1_000;
const GOOD_SHARE = 0.99;
/** How much the newest push counts in the averages. */
const WEIGHT = 0.01;

/**
 * How many messages of a subscription may be pushed at the same time: doubles with each round of successes, then grows
 * slowly; halves with a failure. Google: Pub/Sub, "Push subscriptions", delivery rate.
 */
export class PushWindow {
  #size = FIRST_SIZE;
  #latencyMs = 0;
  #goodShare = 1;

  /** Whole messages, at least 1. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** A push was answered with success after so long. */
  succeeded(latencyMs: number): void {
    this.#learn(latencyMs, 1);
    const isFast = this.#latencyMs <= SLOW_MS && this.#goodShare >= GOOD_SHARE;
    if (this.#size < LINEAR_FROM) this.#size += 1;
    else this.#size = isFast ? this.#size + 1 / this.#size : LINEAR_FROM;
  }

  failed(latencyMs: number): void {
    this.#learn(latencyMs, 0);
    this.#size = Math.max(1, this.#size / 2);
  }

  #learn(latencyMs: number, good: number): void {
    this.#latencyMs += WEIGHT * (latencyMs - this.#latencyMs);
    this.#goodShare += WEIGHT * (good - this.#goodShare);
  }
}
