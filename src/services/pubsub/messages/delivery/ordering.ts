import { createHeap } from "./heap.ts";
import type { Outstanding } from "./types.ts";

/** The messages of one ordering key that were looked at and are not acknowledged. */
interface KeyQueue {
  readonly key: string;
  /** Still to be delivered, in order. */
  waiting: Outstanding[];
  /** Handed out, in order. */
  leased: Outstanding[];
  /** Who may get more before what is handed out is acknowledged. */
  holder: string | undefined;
  /** Nothing is delivered before; 0: now. */
  dueMs: number;
}

/**
 * Ordering keys: each is with one holder at a time and delivered in order, and when one of its messages comes back, so do
 * all that were handed out after it.
 */
export class Ordering {
  readonly #queues = new Map<string, KeyQueue>();
  /** Keys of which messages wait that anybody may have. */
  readonly #free = new Set<KeyQueue>();
  /** The same of those that only the holder may have. */
  readonly #held = new Map<string, Set<KeyQueue>>();
  readonly #delayed = createHeap<KeyQueue>();
  #waiting = 0;

  /** Messages that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  nextDueMs(): number | undefined {
    return this.#delayed.peekRank();
  }

  /** True when a new message of the key may be handed out to this holder at once. */
  isOpen(key: string, holder: string): boolean {
    const queue = this.#queues.get(key);
    if (!queue) return true;
    if (queue.waiting.length > 0 || queue.dueMs > 0) return false;
    return queue.leased.length === 0 || queue.holder === holder;
  }

  /** A new message that has to wait behind others of its key. */
  hold(entry: Outstanding): void {
    this.#waiting++;
    this.#change(entry.key, (queue) => queue.waiting.push(entry));
  }

  leased(entry: Outstanding, holder: string): void {
    this.#change(entry.key, (queue) => {
      queue.leased.push(entry);
      queue.holder = holder;
    });
  }

  /** Takes the next message that this holder may have; it has to be leased then. */
  next(holder: string, nowMs: number): Outstanding | undefined {
    this.#wake(nowMs);
    const [queue] = this.#held.get(holder) ?? this.#free;
    if (!queue) return undefined;
    const entry = queue.waiting[0];
    this.#waiting--;
    this.#change(queue.key, (each) => each.waiting.shift());
    return entry;
  }

  /** A message is acknowledged. */
  remove(entry: Outstanding): void {
    this.#change(entry.key, (queue) => {
      if (removeFrom(queue.waiting, entry)) this.#waiting--;
      removeFrom(queue.leased, entry);
    });
  }

  /** A message comes back: it and all that were handed out after it wait until `dueMs`; returns these. */
  takeBack(entry: Outstanding, dueMs: number): readonly Outstanding[] {
    return this.#takeBack(entry.key, ({ seq }) => seq >= entry.seq, dueMs);
  }

  /** What was handed out after a message comes back, and nothing of the key goes to anybody until it is removed. */
  takeBackAfter(entry: Outstanding): readonly Outstanding[] {
    return this.#takeBack(entry.key, ({ seq }) => seq > entry.seq, 0);
  }

  /** A holder gets no more of what it holds. */
  release(holder: string): void {
    for (const queue of this.#held.get(holder) ?? []) this.#change(queue.key, (each) => (each.holder = undefined));
  }

  clear(): void {
    this.#queues.clear();
    this.#free.clear();
    this.#held.clear();
    this.#delayed.clear();
    this.#waiting = 0;
  }

  #takeBack(key: string, isLate: (entry: Outstanding) => boolean, dueMs: number): readonly Outstanding[] {
    // A dead letter stays where it is until it is forwarded.
    const comesBack = (entry: Outstanding) => isLate(entry) && entry.status !== "dead";
    let back: Outstanding[] = [];
    this.#change(key, (queue) => {
      back = queue.leased.filter(comesBack);
      queue.leased = queue.leased.filter((entry) => !comesBack(entry));
      queue.waiting = [...back, ...queue.waiting];
      queue.holder = undefined;
      queue.dueMs = dueMs;
      if (dueMs > 0) this.#delayed.push(dueMs, queue);
    });
    this.#waiting += back.length;
    return back;
  }

  #change(key: string, work: (queue: KeyQueue) => void): void {
    let queue = this.#queues.get(key);
    if (!queue) this.#queues.set(key, (queue = { key, waiting: [], leased: [], holder: undefined, dueMs: 0 }));
    this.#withdraw(queue);
    work(queue);
    this.#place(queue);
  }

  #withdraw(queue: KeyQueue): void {
    this.#free.delete(queue);
    if (queue.holder === undefined) return;
    const ofHolder = this.#held.get(queue.holder);
    ofHolder?.delete(queue);
    if (ofHolder?.size === 0) this.#held.delete(queue.holder);
  }

  #place(queue: KeyQueue): void {
    if (queue.leased.length === 0) queue.holder = undefined;
    if (queue.waiting.length === 0) {
      if (queue.leased.length === 0) this.#queues.delete(queue.key);
      return;
    }
    if (queue.dueMs > 0) return;
    if (queue.leased.length === 0) this.#free.add(queue);
    else if (queue.holder !== undefined) {
      const ofHolder = this.#held.get(queue.holder);
      if (ofHolder) ofHolder.add(queue);
      else this.#held.set(queue.holder, new Set([queue]));
    }
  }

  #wake(nowMs: number): void {
    for (let due = this.#delayed.peekRank(); due !== undefined && due <= nowMs; due = this.#delayed.peekRank()) {
      const queue = this.#delayed.pop()!;
      // Another failure may have put it off further; its later turn is in the heap, too.
      const isDue = this.#queues.get(queue.key) === queue && queue.dueMs <= nowMs;
      if (isDue) this.#change(queue.key, (each) => (each.dueMs = 0));
    }
  }
}

function removeFrom(entries: Outstanding[], entry: Outstanding): boolean {
  const index = entries[0] === entry ? 0 : entries.indexOf(entry);
  if (index === 0) entries.shift();
  else if (index > 0) entries.splice(index, 1);
  return index >= 0;
}
