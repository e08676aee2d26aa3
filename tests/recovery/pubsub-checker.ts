/** What became of the messages of one subscription, and what of that must not be. */
export class SubscriptionRecord {
  readonly violations: string[] = [];
  readonly #name: string;
  readonly #isOrdered: boolean;
  readonly #delivered = new Set<string>();
  readonly #acknowledged = new Set<string>();
  /** The newest message of each key that was delivered. */
  readonly #newest = new Map<string, string>();

  constructor(name: string, isOrdered: boolean) {
    this.#name = name;
    this.#isOrdered = isOrdered;
  }

  /** A message arrived. Ids are numbers that rise as messages are published. */
  deliver(id: string, key: string): void {
    if (this.#acknowledged.has(id)) this.violations.push(`${this.#name}: ${id} comes after it was acknowledged`);
    if (this.#isOrdered && !this.#delivered.has(id)) this.#checkOrder(id, key);
    this.#delivered.add(id);
  }

  /** The server has answered that a message is acknowledged. */
  acknowledge(id: string): void {
    this.#acknowledged.add(id);
  }

  /** What never arrived. */
  missing(published: Iterable<string>): string[] {
    return [...published].filter((id) => !this.#delivered.has(id));
  }

  /** A key goes back to where it failed, but its messages come for the first time in order. */
  #checkOrder(id: string, key: string): void {
    const newest = this.#newest.get(key) ?? "0";
    if (BigInt(id) < BigInt(newest)) this.violations.push(`${this.#name}: ${id} of ${key} comes after ${newest}`);
    this.#newest.set(key, id);
  }
}
