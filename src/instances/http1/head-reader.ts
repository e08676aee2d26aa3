const EMPTY = Buffer.alloc(0);
const END = "\r\n\r\n";

/** Collects the bytes of a message's head until its empty line. */
export class HeadReader {
  readonly #maxBytes: number;
  #seen: Buffer = EMPTY;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether part of a head is there. */
  get begun(): boolean {
    return this.#seen.length > 0;
  }

  /**
   * Takes bytes from `start`. Gives the head's text without its empty line and the position after that line; undefined
   * when there is more to come, "TOO_LARGE" when it is over the limit.
   */
  read(chunk: Buffer, start: number): { readonly text: string; readonly next: number } | "TOO_LARGE" | undefined {
    const before = this.#seen.length;
    const bytes = before === 0 ? chunk : Buffer.concat([this.#seen, start === 0 ? chunk : chunk.subarray(start)]);
    const from = before === 0 ? start : 0;
    const end = bytes.indexOf(END, before === 0 ? start : Math.max(0, before - END.length + 1), "latin1");
    if ((end < 0 ? bytes.length : end) - from > this.#maxBytes) return "TOO_LARGE";
    if (end < 0) {
      this.#seen = before === 0 ? Buffer.from(chunk.subarray(start)) : bytes;
      return undefined;
    }
    this.#seen = EMPTY;
    const next = end + END.length - before + (before === 0 ? 0 : start);
    return { text: bytes.toString("latin1", from, end + 2), next };
  }
}
