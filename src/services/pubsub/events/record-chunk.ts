import type { AttemptOutcome } from "../push/delivery-attempt.ts";

/** A delivery attempt as it is kept. */
export interface RecordedAttempt {
  /** Full name of the subscription, and the message's id: together they are the event's identity. */
  readonly subscription: string;
  readonly messageId: string;
  /** Counts from 1; 0 for a replay. */
  readonly attempt: number;
  readonly endpoint: string;
  /** Milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly latencyMs: number;
  readonly outcome: AttemptOutcome;
  readonly status?: number | undefined;
  readonly detail?: string;
  readonly traceId?: string | undefined;
  /** What the message looked like, google.pubsub.v1.PubsubMessage; undefined when another attempt has it, or it is too large. */
  readonly message?: Uint8Array | undefined;
}

const LENGTH_BYTES = 4;

/** Attempts as one value of bytes: each a line of JSON and the message, both behind their lengths. */
export function formatChunk(attempts: readonly RecordedAttempt[]): Buffer {
  return Buffer.concat(
    attempts.flatMap(({ message = new Uint8Array(), ...facts }) => {
      const json = Buffer.from(JSON.stringify(facts));
      return [lengthOf(json), json, lengthOf(message), message];
    }),
  );
}

/** The attempts of a chunk, in order. */
export function parseChunk(chunk: Uint8Array): RecordedAttempt[] {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const attempts: RecordedAttempt[] = [];
  let at = 0;
  const take = () => {
    const from = at + LENGTH_BYTES;
    at = from + bytes.readUInt32BE(at);
    return bytes.subarray(from, at);
  };
  while (at < bytes.length) {
    const facts = JSON.parse(take().toString()) as RecordedAttempt;
    const message = take();
    attempts.push(message.length === 0 ? facts : { ...facts, message });
  }
  return attempts;
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  return length;
}
