import type { Clock } from "../../../platform/clock.ts";
import type { Ids } from "../../../platform/ids.ts";
import type { Log } from "../../../platform/log.ts";
import type { DeliveryAttempt } from "../push/delivery-attempt.ts";
import { formatChunk, parseChunk, type RecordedAttempt } from "./record-chunk.ts";
import type { ChunkFacts, EventStore } from "./store.ts";

/** What is kept: the newest attempts, within each of these limits. */
const MAX_ATTEMPTS = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_AGE_MS = 7 * 24 * 3_600_000;
/** Larger messages are listed, but cannot be replayed. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** Messages up to this size are kept with every attempt, others with the first. */
const SMALL_MESSAGE_BYTES = 2 * 1024;
/** Attempts are written down together after this pause, or when there are so many. */
const PAUSE_MS = 500;
const FULL_ATTEMPTS = 2_000;
const FULL_BYTES = 4 * 1024 * 1024;
/** More than this wait only where the disk does not keep up; what comes then is not recorded. */
const MAX_WAITING = 10_000;

/** Remembers the newest delivery attempts; what it wrote outlives the process, but maybe not a power failure. */
export interface Recorder {
  record(attempt: DeliveryAttempt): void;
  /** Every attempt on record, newest chunk first, in order within it. */
  chunks(): AsyncIterable<readonly RecordedAttempt[]>;
  /** Writes down what waits. */
  flush(): Promise<void>;
}

export interface RecorderDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export function createRecorder({ store, clock, ids, log }: RecorderDeps): Recorder {
  let waiting: RecordedAttempt[] = [];
  let waitingBytes = 0;
  let timer: Disposable | undefined;
  let writing: Promise<void> = Promise.resolve();
  let kept: ChunkFacts[] | undefined;

  async function write(): Promise<void> {
    if (waiting.length === 0) return;
    const attempts = waiting;
    [waiting, waitingBytes] = [[], 0];
    try {
      const known: ChunkFacts[] = kept ?? [...(await store.list())];
      const content = formatChunk(attempts);
      const newestMs = clock.nowMs();
      const id = `${String(newestMs).padStart(15, "0")}-${ids.text(8)}`;
      const chunk = { id, newestMs, attempts: attempts.length, bytes: content.length };
      const { left, deleted } = withinLimits([...known, chunk], newestMs);
      await store.write({ ...chunk, content }, deleted);
      kept = left;
    } catch (error) {
      log.error("delivery attempts could not be recorded", { attempts: attempts.length, error });
      kept = undefined;
    }
  }

  const flush = (): Promise<void> => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    return (writing = writing.then(write));
  };

  return {
    record(attempt) {
      if (waiting.length >= MAX_WAITING) return;
      const recorded = recordedOf(attempt);
      waiting.push(recorded);
      waitingBytes += recorded.message?.length ?? 0;
      if (waiting.length % FULL_ATTEMPTS === 0 || waitingBytes >= FULL_BYTES) void flush();
      else timer ??= clock.after(PAUSE_MS, () => void flush());
    },
    async *chunks() {
      await flush();
      for (const { id } of (await store.list()).toReversed()) {
        const content = await store.read(id);
        if (content !== undefined) yield parseChunk(content);
      }
    },
    flush,
  };
}

function recordedOf({ leased, ...attempt }: DeliveryAttempt): RecordedAttempt {
  const { encoded } = leased;
  const isKept = encoded.length <= (attempt.attempt === 1 ? MAX_MESSAGE_BYTES : SMALL_MESSAGE_BYTES);
  return { ...attempt, messageId: leased.message.messageId, ...(isKept && { message: encoded }) };
}

/** Chunks from the newest on, as many as are kept. */
function withinLimits(chunks: readonly ChunkFacts[], nowMs: number): { left: ChunkFacts[]; deleted: string[] } {
  let [attempts, bytes] = [0, 0];
  const from = chunks.findLastIndex((chunk) => {
    attempts += chunk.attempts;
    bytes += chunk.bytes;
    return attempts > MAX_ATTEMPTS || bytes > MAX_BYTES || chunk.newestMs < nowMs - MAX_AGE_MS;
  });
  // The newest chunk stays, however large it is.
  const first = Math.min(from + 1, chunks.length - 1);
  return { left: chunks.slice(first), deleted: chunks.slice(0, first).map(({ id }) => id) };
}
