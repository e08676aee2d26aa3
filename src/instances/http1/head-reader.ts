const EMPTY = Buffer.alloc(0);
const END = "\r\n\r\n";
const FIRST_CAPACITY = 1024;

/** Collects the bytes of a message's head until its empty line, at a cost that pieces of one byte do not raise. */
export class HeadReader {
  readonly #maxBytes: number;
  #seen: Buffer = EMPTY;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether part of a head is there. */
  get begun(): boolean {
    return this.#length > 0;
  }

  /** Memory that the part of a head takes. */
  get heldBytes(): number {
    return this.#seen.length;
  }

  /**
   * Takes bytes from `start`. Gives the head's text without its empty line and the position after that line; undefined
   * when there is more to come, "TOO_LARGE" when it is over the limit.
   */
  read(chunk: Buffer, start: number): { readonly text: string; readonly next: number } | "TOO_LARGE" | undefined {
    if (this.#length > 0) return this.#readOn(chunk, start);
    const end = chunk.indexOf(END, start, "latin1");
    if ((end < 0 ? chunk.length : end) - start > this.#maxBytes) return "TOO_LARGE";
    if (end >= 0) return { text: chunk.toString("latin1", start, end + 2), next: end + END.length };
    this.#append(chunk, start, chunk.length);
    return undefined;
  }

  #readOn(chunk: Buffer, start: number): { readonly text: string; readonly next: number } | "TOO_LARGE" | undefined {
    const before = this.#length;
    // No more than what a head may have: the rest may be a body of any size.
    const stop = Math.min(chunk.length, start + this.#maxBytes + END.length - before + 1);
    this.#append(chunk, start, stop);
    const end = this.#seen.subarray(0, this.#length).indexOf(END, Math.max(0, before - END.length + 1), "latin1");
    if ((end < 0 ? this.#length : end) > this.#maxBytes) return "TOO_LARGE";
    if (end < 0) return undefined;
    const text = this.#seen.toString("latin1", 0, end + 2);
    this.#seen = EMPTY;
    this.#length = 0;
    return { text, next: start + end + END.length - before };
  }

  #append(chunk: Buffer, start: number, stop: number): void {
    const length = this.#length + stop - start;
    if (length > this.#seen.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, length, 2 * this.#seen.length));
      this.#seen.copy(larger, 0, 0, this.#length);
      this.#seen = larger;
    }
    chunk.copy(this.#seen, this.#length, start, stop);
    this.#length = length;
  }
}
