import { createHeap } from "./heap.ts";
import type { Outstanding } from "./types.ts";

/** The messages of one ordering key that were looked at and are not acknowledged. */
interface KeyQueue {
  readonly key: string;
  /** Still to be delivered, in order. */
  waiting: Outstanding[];
  /** Handed out, in order, all to one holder. */
  leased: Outstanding[];
  /** Those of them that wait to be forwarded: until then nothing goes to anybody. */
  readonly dead: Set<Outstanding>;
  /** Who may get more before what is handed out is acknowledged. */
  holder: string | undefined;
  /** The last one that waited for its time, and that time: it is in the heap already. */
  delayed: { readonly entry: Outstanding; readonly dueMs: number } | undefined;
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
  readonly #delayed = createHeap<Outstanding>();
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
    if (queue.waiting.length > 0) return false;
    return queue.leased.length === 0 || queue.holder === holder;
  }

  /** A new message that has to wait behind others of its key. */
  hold(entry: Outstanding): void {
    this.#waiting++;
    this.#change(entry.key, (queue) => queue.waiting.push(entry));
  }

  leased(entry: Outstanding, holder: string): void {
    this.#change(entry.key, (queue) => {
      entry.holder = holder;
      queue.leased.push(entry);
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
      queue.dead.delete(entry);
    });
  }

  /** A message comes back, not before `dueMs` (0: at once), and with it all that were handed out after it; returns these. */
  takeBack(entry: Outstanding, dueMs: number): readonly Outstanding[] {
    this.#change(entry.key, (queue) => queue.dead.delete(entry));
    entry.dueMs = dueMs;
    return this.#takeBack(entry.key, ({ seq }) => seq >= entry.seq);
  }

  /** What was handed out after a message comes back, and nothing of the key goes to anybody until it is removed. */
  takeBackAfter(entry: Outstanding): readonly Outstanding[] {
    this.#change(entry.key, (queue) => queue.dead.add(entry));
    return this.#takeBack(entry.key, ({ seq }) => seq > entry.seq);
  }

  clear(): void {
    this.#queues.clear();
    this.#free.clear();
    this.#held.clear();
    this.#delayed.clear();
    this.#waiting = 0;
  }

  #takeBack(key: string, isLate: (entry: Outstanding) => boolean): readonly Outstanding[] {
    let back: Outstanding[] = [];
    this.#change(key, (queue) => {
      // A dead letter stays where it is until it is forwarded.
      const comesBack = (entry: Outstanding) => isLate(entry) && !queue.dead.has(entry);
      back = queue.leased.filter(comesBack);
      queue.leased = queue.leased.filter((entry) => !comesBack(entry));
      queue.waiting = [...back, ...queue.waiting];
    });
    this.#waiting += back.length;
    return back;
  }

  #change(key: string, work: (queue: KeyQueue) => void): void {
    let queue = this.#queues.get(key);
    if (!queue) this.#queues.set(key, (queue = newQueue(key)));
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
    queue.holder = queue.dead.size === 0 ? queue.leased[0]?.holder : undefined;
    if (queue.waiting.length === 0) {
      if (queue.leased.length === 0) this.#queues.delete(queue.key);
      return;
    }
    const first = queue.waiting[0]!;
    if (first.dueMs > 0) {
      const { dueMs } = first;
      if (queue.delayed?.entry === first && queue.delayed.dueMs === dueMs) return;
      queue.delayed = { entry: first, dueMs };
      this.#delayed.push(dueMs, first);
      return;
    }
    if (queue.leased.length === 0) this.#free.add(queue);
    else if (queue.holder !== undefined) {
      const ofHolder = this.#held.get(queue.holder);
      if (ofHolder) ofHolder.add(queue);
      else this.#held.set(queue.holder, new Set([queue]));
    }
  }

  #wake(nowMs: number): void {
    for (let due = this.#delayed.peekRank(); due !== undefined && due <= nowMs; due = this.#delayed.peekRank()) {
      const entry = this.#delayed.pop()!;
      // A later failure may have put it off further; its later turn is in the heap, too.
      if (entry.dueMs > nowMs) continue;
      entry.dueMs = 0;
      if (this.#queues.get(entry.key)?.waiting[0] === entry) this.#change(entry.key, () => {});
    }
  }
}

function newQueue(key: string): KeyQueue {
  return { key, waiting: [], leased: [], dead: new Set(), holder: undefined, delayed: undefined };
}

function removeFrom(entries: Outstanding[], entry: Outstanding): boolean {
  const index = entries[0] === entry ? 0 : entries.indexOf(entry);
  if (index === 0) entries.shift();
  else if (index > 0) entries.splice(index, 1);
  return index >= 0;
}
