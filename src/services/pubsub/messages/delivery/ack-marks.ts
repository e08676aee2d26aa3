/** Messages in one chunk of marks. */
export const CHUNK_MESSAGES = 4096;
const CHUNK_BYTES = CHUNK_MESSAGES / 8;

/**
 * Which messages of a log are acknowledged: all below a cursor, and some above it. Takes a bit for each message between
 * the cursor and the newest mark, however many they are. Numbers of messages have no gaps.
 */
export interface AckMarks {
  /** Everything below is acknowledged. */
  readonly cursor: number;
  has(seq: number): boolean;
  /** Marks one; false when it was marked already. */
  add(seq: number): boolean;
  /** Marks all from the cursor up to, but not including, `seq`. */
  addBelow(seq: number): void;
  /** How many from the cursor up to, but not including, `end` are not marked. */
  unmarkedBelow(end: number): number;
  /** Starts again from what was kept. */
  reset(kept: KeptMarks): void;
  /** Everything, to keep it elsewhere. */
  all(): KeptMarks;
  /** Counts a chunk as changed. */
  touch(chunk: number): void;
  /** What changed since the last time, to be stored; the caller gives it back if it was not. */
  takeChanges(): MarkChanges | undefined;
  giveBack(changes: MarkChanges): void;
}

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

/** Marks that begin at what was kept. */
export function createAckMarks(kept: KeptMarks): AckMarks {
  let { cursor } = kept;
  let chunks = copyOf(kept.chunks);
  const changed = new Set<number>();
  const touched = new Set<number>();
  let isChanged = false;
  let replacesAll = false;

  function mark(seq: number): boolean {
    const number = Math.floor(seq / CHUNK_MESSAGES);
    let chunk = chunks.get(number);
    if (!chunk) chunks.set(number, (chunk = new Uint8Array(CHUNK_BYTES)));
    const offset = seq % CHUNK_MESSAGES;
    const bit = 1 << (offset & 7);
    if (chunk[offset >> 3]! & bit) return false;
    chunk[offset >> 3]! |= bit;
    changed.add(number);
    isChanged = true;
    return true;
  }

  function moveTo(seq: number): void {
    const from = Math.floor(cursor / CHUNK_MESSAGES);
    const to = Math.floor(seq / CHUNK_MESSAGES);
    cursor = seq;
    isChanged = true;
    if (from === to) return;
    for (const number of chunks.keys()) {
      if (number >= to) continue;
      chunks.delete(number);
      changed.delete(number);
    }
  }

  function isMarked(seq: number): boolean {
    const chunk = chunks.get(Math.floor(seq / CHUNK_MESSAGES));
    const offset = seq % CHUNK_MESSAGES;
    return chunk !== undefined && (chunk[offset >> 3]! & (1 << (offset & 7))) !== 0;
  }

  function hasMarksAbove(number: number): boolean {
    if (number !== Math.floor(cursor / CHUNK_MESSAGES)) return true;
    return marksIn(chunks.get(number)!, number * CHUNK_MESSAGES, cursor, Number.POSITIVE_INFINITY) > 0;
  }

  function advance(): void {
    let seq = cursor;
    while (isMarked(seq)) seq++;
    if (seq !== cursor) moveTo(seq);
  }

  return {
    get cursor() {
      return cursor;
    },
    has: (seq) => seq < cursor || isMarked(seq),
    add(seq) {
      if (seq < cursor || !mark(seq)) return false;
      if (seq === cursor) advance();
      return true;
    },
    addBelow(seq) {
      if (seq <= cursor) return;
      moveTo(seq);
      advance();
    },
    unmarkedBelow(end) {
      if (end <= cursor) return 0;
      let marked = 0;
      for (const [number, chunk] of chunks) marked += marksIn(chunk, number * CHUNK_MESSAGES, cursor, end);
      return end - cursor - marked;
    },
    reset(to) {
      cursor = to.cursor;
      chunks = copyOf(to.chunks);
      changed.clear();
      for (const number of chunks.keys()) changed.add(number);
      isChanged = true;
      replacesAll = true;
      advance();
    },
    all: () => ({ cursor, chunks: copyOf(chunks) }),
    touch(chunk) {
      touched.add(chunk);
      isChanged = true;
    },
    takeChanges() {
      if (!isChanged) return undefined;
      const taken = new Map<number, Uint8Array>();
      // A chunk whose marks are all below the cursor says nothing that the cursor does not.
      for (const number of changed) if (hasMarksAbove(number)) taken.set(number, chunks.get(number)!.slice());
      for (const number of touched) taken.set(number, chunks.get(number)?.slice() ?? new Uint8Array(CHUNK_BYTES));
      const changes = { cursor, chunks: taken, replacesAll };
      changed.clear();
      touched.clear();
      isChanged = false;
      replacesAll = false;
      return changes;
    },
    giveBack(changes) {
      for (const number of changes.chunks.keys()) touched.add(number);
      isChanged = true;
      replacesAll ||= changes.replacesAll;
      // What was to be forgotten may have been forgotten only in part: all of the rest is written again.
      if (replacesAll) for (const number of chunks.keys()) changed.add(number);
    },
  };
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
