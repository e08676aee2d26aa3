/** Messages in one chunk of marks. */
export const CHUNK_MESSAGES = 4096;
const CHUNK_BYTES = CHUNK_MESSAGES / 8;

/** Marks as they are stored: bit n of chunk c stands for message c * 4096 + n. */
export interface KeptMarks {
  readonly cursor: number;
  readonly chunks: ReadonlyMap<number, Uint8Array>;
}

/** Chunks that changed, and the cursor: chunks wholly below it are needed no more. */
export interface MarkChanges extends KeptMarks {
  /** Chunks that were not even changed may be needed no more either: everything else is to be forgotten. */
  readonly replacesAll: boolean;
}

/**
 * Which messages of a log are acknowledged: all below a cursor, and some above it. Takes a bit for each message between
 * the cursor and the newest mark, however many they are. Numbers of messages have no gaps.
 */
export class AckMarks {
  #cursor: number;
  #chunks: Map<number, Uint8Array>;
  readonly #changed = new Set<number>();
  readonly #touched = new Set<number>();
  #isChanged = false;
  #replacesAll = false;

  constructor(kept: KeptMarks) {
    this.#cursor = kept.cursor;
    this.#chunks = copyOf(kept.chunks);
  }

  /** Everything below is acknowledged. */
  get cursor(): number {
    return this.#cursor;
  }

  has(seq: number): boolean {
    return seq < this.#cursor || this.#isMarked(seq);
  }

  /** Marks one; false when it was marked already. */
  add(seq: number): boolean {
    if (seq < this.#cursor || !this.#mark(seq)) return false;
    if (seq === this.#cursor) this.#advance();
    return true;
  }

  /** Marks all from the cursor up to, but not including, `seq`. */
  addBelow(seq: number): void {
    if (seq <= this.#cursor) return;
    this.#moveTo(seq);
    this.#advance();
  }

  /** How many from the cursor up to, but not including, `end` are not marked. */
  unmarkedBelow(end: number): number {
    if (end <= this.#cursor) return 0;
    let marked = 0;
    for (const [number, chunk] of this.#chunks) marked += marksIn(chunk, number * CHUNK_MESSAGES, this.#cursor, end);
    return end - this.#cursor - marked;
  }

  /** Starts again from what was kept. */
  reset(kept: KeptMarks): void {
    this.#cursor = kept.cursor;
    this.#chunks = copyOf(kept.chunks);
    this.#changed.clear();
    this.#touched.clear();
    for (const number of this.#chunks.keys()) this.#changed.add(number);
    this.#isChanged = true;
    this.#replacesAll = true;
    this.#advance();
  }

  /** Everything, to keep it elsewhere. */
  all(): KeptMarks {
    return { cursor: this.#cursor, chunks: copyOf(this.#chunks) };
  }

  /** Counts a chunk as changed. */
  touch(chunk: number): void {
    this.#touched.add(chunk);
    this.#isChanged = true;
  }

  /** What changed since the last time, to be stored; the caller gives it back if it was not. */
  takeChanges(): MarkChanges | undefined {
    if (!this.#isChanged) return undefined;
    const taken = new Map<number, Uint8Array>();
    // A chunk whose marks are all below the cursor says nothing that the cursor does not.
    for (const number of this.#changed) {
      if (this.#hasMarksAbove(number)) taken.set(number, this.#chunks.get(number)!.slice());
    }
    for (const number of this.#touched) {
      taken.set(number, this.#chunks.get(number)?.slice() ?? new Uint8Array(CHUNK_BYTES));
    }
    const changes = { cursor: this.#cursor, chunks: taken, replacesAll: this.#replacesAll };
    this.#changed.clear();
    this.#touched.clear();
    this.#isChanged = false;
    this.#replacesAll = false;
    return changes;
  }

  /** Changes that could not be stored are changes still. */
  giveBack(changes: MarkChanges): void {
    for (const number of changes.chunks.keys()) this.#touched.add(number);
    this.#isChanged = true;
    this.#replacesAll ||= changes.replacesAll;
    // What was to be forgotten is forgotten next time; all of the rest is written again then.
    if (this.#replacesAll) for (const number of this.#chunks.keys()) this.#changed.add(number);
  }

  #mark(seq: number): boolean {
    const number = Math.floor(seq / CHUNK_MESSAGES);
    let chunk = this.#chunks.get(number);
    if (!chunk) this.#chunks.set(number, (chunk = new Uint8Array(CHUNK_BYTES)));
    const offset = seq % CHUNK_MESSAGES;
    const byte = chunk[offset >> 3]!;
    const bit = 1 << (offset & 7);
    if (byte & bit) return false;
    chunk[offset >> 3] = byte | bit;
    this.#changed.add(number);
    this.#isChanged = true;
    return true;
  }

  #isMarked(seq: number): boolean {
    const chunk = this.#chunks.get(Math.floor(seq / CHUNK_MESSAGES));
    const offset = seq % CHUNK_MESSAGES;
    return chunk !== undefined && (chunk[offset >> 3]! & (1 << (offset & 7))) !== 0;
  }

  #hasMarksAbove(number: number): boolean {
    if (number !== Math.floor(this.#cursor / CHUNK_MESSAGES)) return true;
    return marksIn(this.#chunks.get(number)!, number * CHUNK_MESSAGES, this.#cursor, Number.POSITIVE_INFINITY) > 0;
  }

  #advance(): void {
    let seq = this.#cursor;
    while (this.#isMarked(seq)) seq++;
    if (seq !== this.#cursor) this.#moveTo(seq);
  }

  #moveTo(seq: number): void {
    const from = Math.floor(this.#cursor / CHUNK_MESSAGES);
    const to = Math.floor(seq / CHUNK_MESSAGES);
    this.#cursor = seq;
    this.#isChanged = true;
    if (from === to) return;
    for (const number of this.#chunks.keys()) {
      if (number >= to) continue;
      this.#chunks.delete(number);
      this.#changed.delete(number);
    }
  }
}

function copyOf(chunks: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
  return new Map([...chunks].map(([number, chunk]) => [number, chunk.slice()]));
}

function marksIn(chunk: Uint8Array, first: number, from: number, end: number): number {
  let marks = 0;
  for (let index = 0; index < chunk.length; index++) {
    const byte = chunk[index]!;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) {
      const seq = first + index * 8 + bit;
      if (byte & (1 << bit) && seq >= from && seq < end) marks++;
    }
  }
  return marks;
}
