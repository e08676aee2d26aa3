import type { Clock } from "../platform/clock.ts";
import type { InstanceReading } from "./readings.ts";

/** Counts the time and the requests of one instance; it counts as busy while it starts. */
export class UsageCounter {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #startMs: number;
  #startupMs: number | undefined;
  #active = 0;
  #peak = 0;
  #busyMs = 0;
  #busySinceMs: number | undefined;

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#busySinceMs = this.#startMs;
  }

  /** The start is over. */
  ready(): void {
    this.#startupMs ??= this.#clock.nowMs() - this.#startMs;
    if (this.#active === 0) this.#rest();
  }

  /** A request begins. */
  enter(): void {
    this.#active++;
    this.#peak = Math.max(this.#peak, this.#active);
    this.#busySinceMs ??= this.#clock.nowMs();
  }

  /** A request has ended. */
  leave(): void {
    this.#active--;
    if (this.#active === 0) this.#rest();
  }

  /** What was counted so far; the peak of requests counts from the reading before. */
  read(): Pick<InstanceReading, "startupMs" | "aliveMs" | "busyMs" | "peakRequests"> {
    const nowMs = this.#clock.nowMs();
    const peakRequests = this.#peak;
    this.#peak = this.#active;
    const busyMs = this.#busyMs + (this.#busySinceMs === undefined ? 0 : nowMs - this.#busySinceMs);
    return { startupMs: this.#startupMs, aliveMs: nowMs - this.#startMs, busyMs, peakRequests };
  }

  #rest(): void {
    if (this.#busySinceMs !== undefined) this.#busyMs += this.#clock.nowMs() - this.#busySinceMs;
    this.#busySinceMs = undefined;
  }
}
