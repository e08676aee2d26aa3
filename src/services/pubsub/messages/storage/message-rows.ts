import type { MessageRow } from "./store.ts";
import { messageOffsets } from "./payload.ts";

/** Messages of a log that were committed together, in memory. */
export interface Row {
  readonly log: number;
  readonly first: number;
  /** Number after that of the last one. */
  readonly end: number;
  readonly publishTimeMs: number;
  /** Roughly what it takes in memory, bytes. */
  readonly size: number;
  /** The PubsubMessage `seq` in binary form, without what the server adds to it. */
  message(seq: number): Buffer;
}

/** A row as it was stored. */
export function rowOf({ log, first_seq: first, last_seq, publish_time_ms, payload }: MessageRow): Row {
  const bytes = Buffer.isBuffer(payload)
    ? payload
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const offsets = messageOffsets(bytes, last_seq + 1 - first);
  return {
    log,
    first,
    end: last_seq + 1,
    publishTimeMs: publish_time_ms,
    size: bytes.length + 4 * offsets.length + 200,
    message: (seq) => bytes.subarray(offsets[seq - first]! + 4, offsets[seq - first + 1]),
  };
}
