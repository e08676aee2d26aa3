import { createHeap } from "./heap.ts";
import type { Outstanding } from "./types.ts";

/** The messages of one ordering key that were looked at and are not acknowledged. */
export interface KeyQueue {
  readonly key: string;
  /** Still to be delivered, in order. */
  waiting: Outstanding[];
  /** Handed out, in order; all before those that wait. */
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
export interface Ordering {
  /** Messages that wait. */
  readonly waiting: number;
  nextDueMs(): number | undefined;
  /** True when a new message of the key may be handed out to this holder at once. */
  isOpen(key: string, holder: string): boolean;
  /** A new message that has to wait behind others of its key. */
  hold(entry: Outstanding): void;
  leased(entry: Outstanding, holder: string): void;
  /** Takes the next message that this holder may have; it has to be leased then. */
  next(holder: string, nowMs: number): Outstanding | undefined;
  /** A message is acknowledged. */
  remove(entry: Outstanding): void;
  /** What was handed out after a message comes back, and nothing of the key goes to anybody until it is removed. */
  takeBackAfter(entry: Outstanding): readonly Outstanding[];
  /** A message comes back: it and all that were handed out after it wait until `dueMs`; returns these. */
  takeBack(entry: Outstanding, dueMs: number): readonly Outstanding[];
  /** A holder gets no more of what it holds. */
  release(holder: string): void;
  clear(): void;
}

export function createOrdering(): Ordering {
  const queues = new Map<string, KeyQueue>();
  /** Keys of which messages wait that anybody may have. */
  const free = new Set<KeyQueue>();
  /** The same of those that only the holder may have. */
  const held = new Map<string, Set<KeyQueue>>();
  const delayed = createHeap<KeyQueue>();
  let waiting = 0;

  function withdraw(queue: KeyQueue): void {
    free.delete(queue);
    if (queue.holder === undefined) return;
    const ofHolder = held.get(queue.holder);
    ofHolder?.delete(queue);
    if (ofHolder?.size === 0) held.delete(queue.holder);
  }

  function place(queue: KeyQueue): void {
    if (queue.leased.length === 0) queue.holder = undefined;
    if (queue.waiting.length === 0) {
      if (queue.leased.length === 0) queues.delete(queue.key);
      return;
    }
    if (queue.dueMs > 0) return;
    if (queue.leased.length === 0) free.add(queue);
    else if (queue.holder !== undefined) {
      const ofHolder = held.get(queue.holder);
      if (ofHolder) ofHolder.add(queue);
      else held.set(queue.holder, new Set([queue]));
    }
  }

  function change(key: string, work: (queue: KeyQueue) => void): void {
    let queue = queues.get(key);
    if (!queue) queues.set(key, (queue = { key, waiting: [], leased: [], holder: undefined, dueMs: 0 }));
    withdraw(queue);
    work(queue);
    place(queue);
  }

  function wake(nowMs: number): void {
    for (let due = delayed.peekRank(); due !== undefined && due <= nowMs; due = delayed.peekRank()) {
      const queue = delayed.pop()!;
      // Another failure may have put it off further; its later turn is in the heap, too.
      if (queues.get(queue.key) === queue && queue.dueMs <= nowMs) change(queue.key, (each) => (each.dueMs = 0));
    }
  }

  function takeBack(key: string, isLate: (entry: Outstanding) => boolean, dueMs: number): readonly Outstanding[] {
    let back: Outstanding[] = [];
    change(key, (queue) => {
      // A dead letter stays where it is until it is forwarded.
      const comesBack = (entry: Outstanding) => isLate(entry) && entry.status !== "dead";
      back = queue.leased.filter(comesBack);
      queue.leased = queue.leased.filter((entry) => !comesBack(entry));
      queue.waiting = [...back, ...queue.waiting];
      queue.holder = undefined;
      queue.dueMs = dueMs;
      waiting += back.length;
      if (dueMs > 0) delayed.push(dueMs, queue);
    });
    return back;
  }

  return {
    get waiting() {
      return waiting;
    },
    nextDueMs: () => delayed.peekRank(),
    isOpen(key, holder) {
      const queue = queues.get(key);
      if (!queue) return true;
      if (queue.waiting.length > 0 || queue.dueMs > 0) return false;
      return queue.leased.length === 0 || queue.holder === holder;
    },
    hold(entry) {
      waiting++;
      change(entry.key, (queue) => queue.waiting.push(entry));
    },
    leased(entry, holder) {
      change(entry.key, (queue) => {
        queue.leased.push(entry);
        queue.holder = holder;
      });
    },
    next(holder, nowMs) {
      wake(nowMs);
      const [queue] = held.get(holder) ?? free;
      if (!queue) return undefined;
      const entry = queue.waiting[0]!;
      waiting--;
      change(queue.key, (each) => each.waiting.shift());
      return entry;
    },
    remove(entry) {
      change(entry.key, (queue) => {
        const length = queue.waiting.length;
        queue.waiting = without(queue.waiting, entry);
        waiting -= length - queue.waiting.length;
        queue.leased = without(queue.leased, entry);
      });
    },
    takeBackAfter: (entry) => takeBack(entry.key, ({ seq }) => seq > entry.seq, 0),
    takeBack: (entry, dueMs) => takeBack(entry.key, ({ seq }) => seq >= entry.seq, dueMs),
    release(holder) {
      for (const queue of held.get(holder) ?? []) change(queue.key, (each) => (each.holder = undefined));
    },
    clear() {
      queues.clear();
      free.clear();
      held.clear();
      delayed.clear();
      waiting = 0;
    },
  };
}

function without(entries: Outstanding[], entry: Outstanding): Outstanding[] {
  const index = entries[0] === entry ? 0 : entries.indexOf(entry);
  if (index === 0) entries.shift();
  else if (index > 0) entries.splice(index, 1);
  return entries;
}
