import { CHUNK_MESSAGES, type KeptMarks } from "./delivery/ack-marks.ts";

/**
 * Acknowledgements after a seek to a time: all before `target` (the first message of that time), as they are from there up
 * to `retained`, and none from the first message on that is retained whether acknowledged or not.
 */
export function marksAfterSeek(now: KeptMarks, target: number, retained: number): KeptMarks {
  if (target >= retained) return { cursor: target, chunks: new Map() };
  const cursor = Math.max(target, Math.min(now.cursor, retained));
  const chunks = new Map<number, Uint8Array>();
  for (const [number, chunk] of now.chunks) {
    const first = number * CHUNK_MESSAGES;
    if (first >= retained) continue;
    const kept = chunk.slice();
    for (let seq = Math.max(first, retained); seq < first + CHUNK_MESSAGES; seq++) {
      const offset = seq - first;
      kept[offset >> 3]! &= ~(1 << (offset & 7));
    }
    chunks.set(number, kept);
  }
  return { cursor, chunks };
}
