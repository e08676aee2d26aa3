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

/** Deletes messages that nobody needs any more. */
export interface Retention extends AsyncDisposable {
  start(): void;
  /** Fewer messages of a log may be needed than before. */
  touch(log: TopicLog): void;
  /** Looks at all retention periods now. */
  sweep(): Promise<void>;
}

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

export function createRetention(deps: RetentionDeps): Retention {
  const { clock, messages } = deps;
  const touched = new Set<TopicLog>();
  let rest: Disposable | undefined;
  let sweeping: Disposable | undefined;
  let running: Promise<void> = Promise.resolve();
  let isOver = false;

  function enqueue(work: () => Promise<void>): Promise<void> {
    running = running.then(work).catch((error: unknown) => {
      if (!isOver) deps.log.warning("messages that are needed no more could not be deleted", { error });
    });
    return running;
  }

  async function clean(log: TopicLog): Promise<void> {
    // Detached subscriptions get nothing any more.
    const queues = deps.queuesOf(log).filter(({ position }) => !position.subscription.detached);
    const needed = Math.min(log.end, deps.snapshotsNeedFrom(log), ...queues.map((queue) => queue.cursor));
    const nowMs = clock.nowMs();
    const retaining = queues.filter(({ position }) => position.subscription.retainAckedMessages);
    const keptMs = Math.max(log.retentionMs, ...retaining.map(({ position }) => retentionMs(position.subscription)));
    // Without any retention what was published in this very moment may go, too.
    const beforeMs = keptMs > 0 ? nowMs - keptMs : nowMs + 1;
    while (!isOver) {
      const more = await deps.store.transactRelaxed((transaction) =>
        messages.deleteRows(transaction, log.id, needed, beforeMs),
      );
      if (!more) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (log.topic !== "" || deps.queuesOf(log).length > 0 || Number.isFinite(deps.snapshotsNeedFrom(log)) || isOver)
      return;
    await deps.store.transactRelaxed((transaction) => messages.deleteLog(transaction, log.id));
    deps.cache.remove(log.id);
    deps.forget(log);
  }

  async function cleanTouched(): Promise<void> {
    const logs = [...touched];
    touched.clear();
    for (const log of logs) await clean(log);
  }

  /** Drops what subscriptions have kept for too long without acknowledgement. */
  async function expire(log: TopicLog): Promise<void> {
    const oldestMs = await messages.oldestMs(log.id);
    if (oldestMs === undefined) return;
    for (const queue of deps.queuesOf(log)) {
      const keptMs = Math.max(log.retentionMs, retentionMs(queue.position.subscription));
      const limitMs = clock.nowMs() - keptMs;
      if (oldestMs < limitMs) await queue.dropBelow((await messages.seqAt(log.id, limitMs)) ?? log.end);
    }
    await clean(log);
  }

  async function sweep(): Promise<void> {
    for (const log of deps.logs()) if (!isOver) await expire(log);
  }

  return {
    start() {
      sweeping = clock.every(SWEEP_MS, () => void enqueue(sweep));
      void enqueue(sweep);
    },
    touch(log) {
      touched.add(log);
      rest ??= clock.after(REST_MS, () => {
        rest = undefined;
        void enqueue(cleanTouched);
      });
    },
    sweep: () => enqueue(sweep),
    async [Symbol.asyncDispose]() {
      isOver = true;
      rest?.[Symbol.dispose]();
      sweeping?.[Symbol.dispose]();
      await running;
    },
  };
}
