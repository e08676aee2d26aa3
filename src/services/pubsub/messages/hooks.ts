import { toJsonString } from "@bufbuild/protobuf";
import { type Subscription, SubscriptionSchema, type Topic } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { MessageHooks } from "./engine.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { notAPullSubscription, subscriptionDetached } from "./errors.ts";
import { isPulled } from "./pull-subscription.ts";
import type { Retention } from "./retention.ts";
import { durationMs } from "./settings.ts";
import type { MessageStore } from "./storage/store.ts";
import type { TopicLog } from "./topic-log.ts";
import type { Factories, Topology } from "./topology.ts";

export interface HookDeps extends Factories {
  readonly store: MessageStore;
  readonly topology: Topology;
  readonly retention: Retention;
  readonly clock: Clock;
}

/** Follows the changes of topics, subscriptions and snapshots. */
export function createHooks(deps: HookDeps): MessageHooks {
  return { ...topicHooks(deps), ...subscriptionHooks(deps), ...snapshotHooks(deps) };
}

async function createLog({ store, topology, makeLog }: HookDeps, transaction: StoreTransaction, topic: Topic) {
  const id = await store.nextNumber(transaction, "log");
  const retentionMs = durationMs(topic.messageRetentionDuration) ?? 0;
  await store.insertLog(transaction, { id, topic: topic.name, next_seq: 1, retention_ms: retentionMs });
  const log = makeLog({ id, topic: topic.name, retentionMs, end: 1 });
  transaction.afterCommit(() => topology.addLog(log));
  return log;
}

function topicHooks(deps: HookDeps) {
  const { store, topology, retention } = deps;
  return {
    async topicCreated(transaction: StoreTransaction, topic: Topic) {
      await createLog(deps, transaction, topic);
    },
    async topicUpdated(transaction: StoreTransaction, topic: Topic) {
      const log = topology.topic(topic.name);
      if (!log) throw resourceNotFound(topic.name);
      const retentionMs = durationMs(topic.messageRetentionDuration) ?? 0;
      await store.updateLog(transaction, log.id, { retention_ms: retentionMs });
      transaction.afterCommit(() => {
        log.retentionMs = retentionMs;
        retention.touch(log);
      });
    },
    async topicDeleted(transaction: StoreTransaction, name: string) {
      const log = topology.topic(name);
      if (!log) return;
      await store.updateLog(transaction, log.id, { topic: "", retention_ms: 0 });
      transaction.afterCommit(() => {
        topology.closeLog(log);
        retention.touch(log);
      });
    },
  };
}

function subscriptionHooks(deps: HookDeps) {
  const { store, topology, retention, clock, makeQueue } = deps;
  return {
    async subscriptionCreated(transaction: StoreTransaction, subscription: Subscription) {
      const log = topology.topic(subscription.topic);
      if (!log) throw resourceNotFound(subscription.topic);
      const id = await store.nextNumber(transaction, "position");
      const first = await store.nextSeq(log.id, transaction);
      const { name } = subscription;
      const lastUseMs = clock.nowMs();
      await store.insertPosition(transaction, {
        id,
        name,
        log: log.id,
        first_seq: first,
        cursor: first,
        subscription: toJsonString(SubscriptionSchema, subscription),
        last_use_ms: lastUseMs,
      });
      const position = { id, name, firstSeq: first, cursor: first, subscription, lastUseMs };
      transaction.afterCommit(() => topology.addQueue(makeQueue(position, log)));
    },
    async subscriptionUpdated(transaction: StoreTransaction, subscription: Subscription) {
      const queue = topology.queue(subscription.name);
      if (!queue) throw resourceNotFound(subscription.name);
      const text = toJsonString(SubscriptionSchema, subscription);
      await store.updatePosition(transaction, queue.position.id, { subscription: text });
      transaction.afterCommit(() => {
        if (isPulled(queue.position.subscription) && !isPulled(subscription)) queue.end(notAPullSubscription());
        queue.configure(subscription);
        if (subscription.detached) {
          queue.end(subscriptionDetached());
          void queue.dropBelow(queue.log.end).catch(() => {});
        }
        retention.touch(queue.log);
      });
    },
    async subscriptionDeleted(transaction: StoreTransaction, name: string) {
      const queue = topology.queue(name);
      if (!queue) return;
      await store.deletePosition(transaction, queue.position.id);
      transaction.afterCommit(() => {
        topology.removeQueue(name);
        queue.end(resourceNotFound(name));
        retention.touch(queue.log);
      });
    },
  };
}

function snapshotHooks({ store, topology, retention }: HookDeps) {
  return {
    async snapshotCreated(transaction: StoreTransaction, snapshot: string, subscription: string) {
      const queue = topology.queue(subscription);
      if (!queue) throw resourceNotFound(subscription);
      const { log } = queue;
      const kept = await queue.kept();
      const id = await store.nextNumber(transaction, "position");
      const position = { id, name: snapshot, log: log.id, first_seq: kept.cursor, cursor: kept.cursor };
      await store.insertPosition(transaction, { ...position, subscription: "", last_use_ms: 0 });
      await store.putMarks(transaction, id, { chunks: kept.chunks, replacesAll: false }, new Map());
      transaction.afterCommit(() => topology.addSnapshot(snapshot, { id, log: log.id, cursor: kept.cursor }));
      const isEmpty = kept.cursor >= log.end;
      return { oldestUnackedMs: isEmpty ? undefined : await store.publishTimeAt(log.id, kept.cursor) };
    },
    async snapshotDeleted(transaction: StoreTransaction, name: string) {
      const snapshot = topology.snapshot(name);
      if (!snapshot) return;
      await store.deletePosition(transaction, snapshot.id);
      transaction.afterCommit(() => {
        topology.removeSnapshot(name);
        touch(topology.log(snapshot.log), retention);
      });
    },
  };
}

function touch(log: TopicLog | undefined, retention: Retention): void {
  if (log) retention.touch(log);
}
