/** How many are remembered. */
const MAX_ACKS = 10_000;

/** Acknowledgements that may be repeated with the same answer, as by a client that missed it; the latest ones. */
export class RecentAcks {
  readonly #leases = new Map<number, number>();

  add(seq: number, lease: number): void {
    this.#leases.set(seq, lease);
    const [oldest] = this.#leases.keys();
    if (this.#leases.size > MAX_ACKS && oldest !== undefined) this.#leases.delete(oldest);
  }

  has(seq: number, lease: number): boolean {
    return this.#leases.get(seq) === lease;
  }

  clear(): void {
    this.#leases.clear();
  }
}
