import { rangeNotSatisfiable } from "../errors.ts";

/** First and last byte. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range a Range header asks for of `size` bytes; undefined for the whole (no header, several ranges, other units,
 * as RFC 9110 section 14.2 allows). Rejects with 416 when it lies behind the end.
 */
export function parseRange(header: string | null, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (!match[1] && !match[2])) return undefined;
  const [, first, last] = match;
  if (first && last && Number(last) < Number(first)) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  if (start >= size) throw rangeNotSatisfiable();
  return { start, end };
}
