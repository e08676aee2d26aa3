import { outsideLengthRange } from "../errors.ts";

/** Bounds of a content's size, bytes, both inclusive. */
export interface LengthRange {
  readonly min: number;
  readonly max: number;
}

/** Rejects a size outside the range; an unknown size passes. */
export function checkLength(range: LengthRange | undefined, size: number | undefined): void {
  if (!range || size === undefined) return;
  if (size > range.max) throw outsideLengthRange("upper");
  if (size < range.min) throw outsideLengthRange("lower");
}

/** The same content, cut off with an error where it gets longer than the range allows. */
export async function* withinRange(
  content: AsyncIterable<Uint8Array>,
  range: LengthRange | undefined,
): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (range && size > range.max) throw outsideLengthRange("upper");
    yield chunk;
  }
  checkLength(range, size);
}
