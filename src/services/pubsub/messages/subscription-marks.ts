import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Committer } from "./committer.ts";
import { AckMarks, CHUNK_MESSAGES, type MarkChanges } from "./delivery/ack-marks.ts";
import type { MessageStore } from "./storage/store.ts";

/** The acknowledgements of one subscription, in memory and on disk. */
export interface SubscriptionMarks {
  readonly marks: AckMarks;
  /** Failed deliveries by message; a change of it is stored with the next commit. */
  readonly failures: Map<number, number>;
  /** Resolves when everything marked by now is durable. */
  save(): Promise<void>;
  /** Writes what is not stored yet, in somebody's transaction; call the result once it is committed or not. */
  write(transaction: StoreTransaction): Promise<(wasCommitted: boolean) => void>;
}

export interface SubscriptionMarksOptions {
  readonly store: MessageStore;
  readonly committer: Committer;
  readonly position: { readonly id: number; readonly cursor: number };
  /** Whether the next process has to know of failed deliveries. */
  readonly keepsFailures: () => boolean;
  readonly lastUseMs: () => number;
}

/** Reads the acknowledgements of a subscription. */
export async function loadSubscriptionMarks(options: SubscriptionMarksOptions): Promise<SubscriptionMarks> {
  const { store, committer, position } = options;
  const stored = await store.marks(position.id);
  const marks = new AckMarks({ cursor: position.cursor, chunks: stored.chunks });
  const failures = new FailureCounts(stored.failures, (seq) => {
    if (options.keepsFailures()) marks.touch(chunkOf(seq));
  });
  let forgottenBelow = 0;
  let gathering: Promise<void> | undefined;

  async function write(transaction: StoreTransaction, changes: MarkChanges): Promise<void> {
    const { cursor, chunks } = changes;
    await store.updatePosition(transaction, position.id, { cursor, last_use_ms: options.lastUseMs() });
    const texts = options.keepsFailures() && failures.size > 0 ? failureTexts(failures, chunks.keys()) : new Map();
    if (chunks.size > 0 || changes.replacesAll) await store.putMarks(transaction, position.id, changes, texts);
    if (chunkOf(cursor) > forgottenBelow) await store.deleteMarks(transaction, position.id, chunkOf(cursor));
  }

  function finish(changes: MarkChanges | undefined, wasCommitted: boolean): void {
    if (!changes) return;
    if (wasCommitted) forgottenBelow = chunkOf(changes.cursor);
    else marks.giveBack(changes);
  }

  function gather(): Promise<void> {
    let taken: { readonly changes: MarkChanges | undefined } | undefined;
    const work = {
      async write(transaction: StoreTransaction) {
        gathering = undefined;
        taken ??= { changes: marks.takeChanges() };
        if (taken.changes) await write(transaction, taken.changes);
      },
    };
    return committer.commit(work).then(
      () => finish(taken?.changes, true),
      (error: unknown) => {
        if (!taken) gathering = undefined;
        finish(taken?.changes, false);
        throw error;
      },
    );
  }

  return {
    marks,
    failures,
    save: () => (gathering ??= gather()),
    async write(transaction) {
      const changes = marks.takeChanges();
      if (changes) await write(transaction, changes);
      return (wasCommitted) => finish(changes, wasCommitted);
    },
  };
}

/** Tells of each change. */
class FailureCounts extends Map<number, number> {
  readonly #changed: (seq: number) => void;

  constructor(counts: ReadonlyMap<number, number>, changed: (seq: number) => void) {
    super();
    for (const [seq, count] of counts) super.set(seq, count);
    this.#changed = changed;
  }

  override set(seq: number, count: number): this {
    this.#changed(seq);
    return super.set(seq, count);
  }
}

function chunkOf(seq: number): number {
  return Math.floor(seq / CHUNK_MESSAGES);
}

function failureTexts(failures: ReadonlyMap<number, number>, chunks: Iterable<number>): Map<number, string> {
  const byChunk = new Map<number, Record<number, number>>([...chunks].map((chunk) => [chunk, {}]));
  for (const [seq, count] of failures) {
    const counts = byChunk.get(chunkOf(seq));
    if (counts) counts[seq] = count;
  }
  return new Map([...byChunk].map(([chunk, counts]) => [chunk, JSON.stringify(counts)]));
}
