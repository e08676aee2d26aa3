import type { StorageObject } from "./storage-client.ts";
import type { Objects } from "./objects.ts";

const KIB = 1024;
/** What one random read fetches at least. */
const RANDOM_BYTES = 32 * KIB;
/** What the first and any later sequential fetch gets; each one gets twice as much as the one before. */
const FIRST_WINDOW_BYTES = 1024 * KIB;
const MAX_WINDOW_BYTES = 4096 * KIB;
/** The kernel sends read-ahead in any order; this near to the last read it still is sequential. */
const SEQUENTIAL_DISTANCE = 1024 * KIB;
const MAX_CHUNKS = 3;

interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly content: Promise<Buffer>;
}

/** Reads one generation of an object for one opened file. */
export interface ObjectReader {
  /** Fewer bytes only at the object's end. */
  read(offset: number, size: number): Promise<Buffer>;
}

/** A reader that fetches ever larger parts, and the next one ahead, while it is read in order; else what is asked for. */
export function objectReader(objects: Pick<Objects, "read">, object: StorageObject): ObjectReader {
  const total = Number(object.size);
  let chunks: Chunk[] = [];
  let windowBytes = FIRST_WINDOW_BYTES;
  let lastEnd = 0;

  function fetch(start: number, length: number): Chunk {
    const end = Math.min(total, start + length);
    const content = objects.read(object, start, end - start);
    const chunk = { start, end, content };
    // What failed is fetched anew by whoever reads next.
    content.catch(() => (chunks = chunks.filter((each) => each !== chunk)));
    chunks = [...chunks.slice(1 - MAX_CHUNKS), chunk];
    return chunk;
  }

  function covering(at: number): Chunk | undefined {
    return chunks.find(({ start, end }) => start <= at && at < end);
  }

  function fetchSequentially(at: number): Chunk {
    const chunk = fetch(at, windowBytes);
    windowBytes = Math.min(MAX_WINDOW_BYTES, windowBytes * 2);
    return chunk;
  }

  return {
    async read(offset, size) {
      const end = Math.min(total, offset + size);
      if (offset >= end) return Buffer.alloc(0);
      const sequential = Math.abs(offset - lastEnd) <= SEQUENTIAL_DISTANCE;
      if (!sequential) windowBytes = FIRST_WINDOW_BYTES;
      lastEnd = sequential ? Math.max(lastEnd, end) : end;
      const needed: Chunk[] = [];
      for (let at = offset; at < end; at = needed.at(-1)!.end) {
        needed.push(covering(at) ?? (sequential ? fetchSequentially(at) : fetch(at, Math.max(RANDOM_BYTES, end - at))));
      }
      const last = needed.at(-1)!;
      const halfway = (last.start + last.end) / 2;
      if (sequential && end > halfway && last.end < total && !covering(last.end)) fetchSequentially(last.end);
      const parts = await Promise.all(needed.map(({ content }) => content));
      const cut = parts.map((part, index) => {
        const { start } = needed[index]!;
        return part.subarray(Math.max(0, offset - start), end - start);
      });
      return cut.length === 1 ? cut[0]! : Buffer.concat(cut);
    },
  };
}
