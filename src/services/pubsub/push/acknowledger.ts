import type { AckOutcome, Deliveries } from "../messages/engine.ts";

/** Acknowledges in batches: what comes while one is on its way to the disk makes up the next. */
export class Acknowledger {
  readonly #deliveries: Deliveries;
  #waiting: { readonly ackId: string; readonly done: (outcome: AckOutcome) => void }[] = [];
  #running = false;

  constructor(deliveries: Deliveries) {
    this.#deliveries = deliveries;
  }

  /** Resolves when it is durable; "invalid" also when the subscription is gone. */
  acknowledge(ackId: string): Promise<AckOutcome> {
    return new Promise((done) => {
      this.#waiting.push({ ackId, done });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const outcomes = await this.#deliveries
        .acknowledge(batch.map(({ ackId }) => ackId))
        .catch((): AckOutcome[] => []);
      for (const [index, { done }] of batch.entries()) done(outcomes[index] ?? "invalid");
    }
    this.#running = false;
  }
}
