import type { LeasedMessage } from "../messages/engine.ts";

/** More than this many are not held back, so that memory is bounded. */
const MAX_HELD = 1_000;

interface Held {
  readonly leased: LeasedMessage;
  readonly dueMs: number;
  /** Then its lease is over. */
  readonly untilMs: number;
}

/** Deliveries of a subscription that arrive later. Lost with the process: then their leases run out. */
export class HeldDeliveries {
  #held: Held[] = [];

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  get isFull(): boolean {
    return this.#held.length >= MAX_HELD;
  }

  /** When the next one is due; infinite when there is none. */
  get nextDueMs(): number {
    return Math.min(...this.#held.map(({ dueMs }) => dueMs));
  }

  /** Holds a delivery until `dueMs`; nobody gets it after `untilMs`. */
  hold(leased: LeasedMessage, dueMs: number, untilMs: number): void {
    this.#held.push({ leased, dueMs, untilMs });
  }

  /** Takes what is due, in order, at most so many. */
  takeDue(nowMs: number, maxMessages: number): LeasedMessage[] {
    const due = this.#held.filter(({ dueMs }) => dueMs <= nowMs).toSorted((one, other) => one.dueMs - other.dueMs);
    const taken = new Set(due.slice(0, maxMessages));
    this.#held = this.#held.filter((each) => !taken.has(each));
    return [...taken].filter(({ untilMs }) => untilMs > nowMs).map(({ leased }) => leased);
  }
}
