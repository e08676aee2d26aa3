import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import type { Store } from "../../../platform/store/store.ts";
import type { RowCache } from "./storage/row-cache.ts";
import type { MessageStore } from "./storage/store.ts";
import type { SubscriptionQueue } from "./subscription-queue.ts";
import { retentionMs } from "./settings.ts";
import type { TopicLog } from "./topic-log.ts";

/** Retention periods are looked at this often, ms. */
const SWEEP_MS = 60_000;
/** Acknowledged messages go some time after they were acknowledged, so that many go together, ms. */
const REST_MS = 2000;

export interface RetentionDeps {
  readonly store: Pick<Store, "transactRelaxed">;
  readonly messages: MessageStore;
  readonly cache: RowCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly logs: () => Iterable<TopicLog>;
  readonly queuesOf: (log: TopicLog) => readonly SubscriptionQueue[];
  /** Below which message no snapshot of a log needs anything. */
  readonly snapshotsNeedFrom: (log: TopicLog) => number;
  /** The log of a deleted topic that nobody needs any more. */
  readonly forget: (log: TopicLog) => void;
}

/** Deletes messages that nobody needs any more, bit by bit. */
export class Retention implements AsyncDisposable {
  readonly #deps: RetentionDeps;
  readonly #touched = new Set<TopicLog>();
  #rest: Disposable | undefined;
  #sweeping: Disposable | undefined;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#sweeping = this.#deps.clock.every(SWEEP_MS, () => void this.sweep());
    void this.sweep();
  }

  /** Fewer messages of a log may be needed than before. */
  touch(log: TopicLog): void {
    this.#touched.add(log);
    this.#rest ??= this.#deps.clock.after(REST_MS, () => {
      this.#rest = undefined;
      void this.#enqueue(() => this.#cleanTouched());
    });
  }

  /** Looks at all retention periods now. */
  sweep(): Promise<void> {
    return this.#enqueue(async () => {
      for (const log of this.#deps.logs()) await this.#expire(log);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#rest?.[Symbol.dispose]();
    this.#sweeping?.[Symbol.dispose]();
    await this.#running;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(work).catch((error: unknown) => {
      if (!this.#isOver) this.#deps.log.warning("messages that are needed no more could not be deleted", { error });
    });
    return this.#running;
  }

  async #cleanTouched(): Promise<void> {
    const logs = [...this.#touched];
    this.#touched.clear();
    for (const log of logs) await this.#clean(log);
  }

  /** Drops what subscriptions have kept for too long without acknowledgement. */
  async #expire(log: TopicLog): Promise<void> {
    const { messages, clock, queuesOf } = this.#deps;
    if (this.#isOver) return;
    const oldestMs = await messages.oldestMs(log.id);
    if (oldestMs === undefined) return;
    for (const queue of queuesOf(log)) {
      const keptMs = Math.max(log.retentionMs, retentionMs(queue.position.subscription));
      const limitMs = clock.nowMs() - keptMs;
      if (oldestMs < limitMs) await queue.dropBelow((await messages.seqAt(log.id, limitMs)) ?? log.end);
    }
    await this.#clean(log);
  }

  async #clean(log: TopicLog): Promise<void> {
    const { store, messages, queuesOf, snapshotsNeedFrom } = this.#deps;
    // Detached subscriptions get nothing any more.
    const queues = queuesOf(log).filter(({ position }) => !position.subscription.detached);
    const needed = Math.min(log.end, snapshotsNeedFrom(log), ...queues.map((queue) => queue.cursor));
    const beforeMs = this.#keptFromMs(log, queues);
    while (!this.#isOver) {
      const more = await store.transactRelaxed((transaction) =>
        messages.deleteRows(transaction, log.id, needed, beforeMs),
      );
      if (!more) break;
      await nextTurn();
    }
    const isNeeded = log.topic !== "" || queuesOf(log).length > 0 || Number.isFinite(snapshotsNeedFrom(log));
    if (!isNeeded && !this.#isOver) await this.#remove(log);
  }

  /** What was published from this time (ms) on is kept even if everybody has acknowledged it. */
  #keptFromMs(log: TopicLog, queues: readonly SubscriptionQueue[]): number {
    const retaining = queues.filter(({ position }) => position.subscription.retainAckedMessages);
    const keptMs = Math.max(log.retentionMs, ...retaining.map(({ position }) => retentionMs(position.subscription)));
    const nowMs = this.#deps.clock.nowMs();
    // Without any retention what was published in this very moment may go, too.
    return keptMs > 0 ? nowMs - keptMs : nowMs + 1;
  }

  async #remove(log: TopicLog): Promise<void> {
    const { store, messages, cache, forget } = this.#deps;
    await store.transactRelaxed((transaction) => messages.deleteLog(transaction, log.id));
    cache.remove(log.id);
    forget(log);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
