import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import { HEXADECIMAL, type Ids } from "../../../platform/ids.ts";
import type { Log } from "../../../platform/log.ts";
import type { Store } from "../../../platform/store/store.ts";
import { ACK_KEY_BYTES, createAckIds } from "./ack-ids.ts";
import { type BinaryForm, binaryFormOf, bytesForm } from "./binary-form.ts";
import { type Committer, createCommitter } from "./committer.ts";
import { deadLetterOf } from "./dead-letters.ts";
import type { Deliveries, LeasedMessage, MessageEngine } from "./engine.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { cannotStore, streamEnded } from "./errors.ts";
import { createHooks } from "./hooks.ts";
import { messageIdOf } from "./leased-message.ts";
import { CACHE_BYTES, ROW_BYTES } from "./limits.ts";
import { Retention } from "./retention.ts";
import { seekQueue, type SeekTarget } from "./seek.ts";
import { createRowCache, type RowCache } from "./storage/row-cache.ts";
import { createMessageStore, type MessageStore } from "./storage/store.ts";
import { SubscriptionQueue } from "./subscription-queue.ts";
import { createTopicLog, type TopicLog } from "./topic-log.ts";
import { createTopology, type Factories, loadTopology, type Topology } from "./topology.ts";

export interface MessageEngineDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The messages of a store. */
export function createMessageEngine(deps: MessageEngineDeps): MessageEngine {
  const store = createMessageStore(deps.store);
  const topology = createTopology();
  const committer = createCommitter(deps.store);
  const cache = createRowCache({ store, maxBytes: CACHE_BYTES, readBytes: ROW_BYTES });
  const forget = (log: TopicLog) => topology.forgetLog(log);
  const retention = new Retention({ ...topology, ...deps, messages: store, cache, forget });
  const parts: Parts = {
    ...deps,
    messages: store,
    topology,
    committer,
    cache,
    retention,
    ackKey: NO_KEY,
    firstLease: 0,
  };
  const publishing = createPublishing(topology);
  const factories = createFactories(parts, publishing);
  return {
    ...createHooks({ ...factories, store, topology, retention, clock: deps.clock }),
    ...publishing,
    ...createViews(parts),
    async start() {
      const ackKey = await store.constant("ack-key", () => deps.ids.text(2 * ACK_KEY_BYTES, HEXADECIMAL));
      parts.ackKey = Buffer.from(ackKey, "hex");
      // Leases of earlier processes never have the same number: there are 2^47 to choose from.
      parts.firstLease = Math.floor(deps.ids.fraction() * 2 ** 47);
      const rows = { logs: await store.logs(), positions: await store.positions(), endOf: store.nextSeq };
      await loadTopology(topology, rows, factories);
      retention.start();
    },
    async [Symbol.asyncDispose]() {
      for (const queue of topology.queues()) queue.end(streamEnded());
      await retention[Symbol.asyncDispose]();
      await committer.idle();
    },
  };
}

interface Parts extends MessageEngineDeps {
  readonly messages: MessageStore;
  readonly topology: Topology;
  readonly committer: Committer;
  readonly cache: RowCache;
  readonly retention: Retention;
  /** Known from the start on, as is the next. */
  ackKey: Buffer;
  /** Leases are numbered from here. */
  firstLease: number;
}

const NO_KEY = Buffer.alloc(0);

/** Topics and subscriptions as they work together. */
function createFactories(parts: Parts, { publish }: Publishing): Factories {
  const { messages: store, topology, retention } = parts;
  function onPublished(log: TopicLog): void {
    const queues = topology.queuesOf(log);
    for (const queue of queues) queue.published();
    if (queues.length === 0) retention.touch(log);
  }

  async function forward(subscription: Subscription, message: LeasedMessage): Promise<boolean> {
    const topic = subscription.deadLetterPolicy?.deadLetterTopic ?? "";
    if (!topology.topic(topic)) return false;
    await publish(topic, [deadLetterOf(subscription, message)]);
    return true;
  }

  const ackIds = (position: number) => createAckIds(parts.ackKey, position);
  const onAcknowledged = (log: TopicLog) => retention.touch(log);
  const queueDeps = { ...parts, store, ackIds, onAcknowledged, forward };
  return {
    makeLog: (start) => createTopicLog({ ...parts, store, onPublished }, start),
    makeQueue: (position, log) => new SubscriptionQueue({ ...queueDeps, firstLease: parts.firstLease }, position, log),
  };
}

type Publishing = Pick<MessageEngine, "publish" | "publishEncoded">;

function createPublishing(topology: Topology): Publishing {
  async function publish(topic: string, messages: readonly BinaryForm[]): Promise<readonly string[]> {
    const log = topology.topic(topic);
    if (!log) throw resourceNotFound(topic);
    if (messages.length === 0) return [];
    const first = await log.publish(messages).catch((error: unknown) => {
      throw cannotStore(error);
    });
    return messages.map((_, index) => messageIdOf(log.id, first + index));
  }
  return {
    publishEncoded: (topic, messages) => publish(topic, messages.map(bytesForm)),
    publish: (topic, messages) => publish(topic, messages.map(binaryFormOf)),
  };
}

/** What is asked of subscriptions by their names. */
function createViews({ topology, messages, clock }: Parts) {
  function queueOf(name: string): SubscriptionQueue {
    const queue = topology.queue(name);
    if (!queue) throw resourceNotFound(name);
    return queue;
  }
  return {
    subscription: (name: string) => topology.queue(name)?.position.subscription,
    lastUseMs: (name: string) => topology.queue(name)?.position.lastUseMs ?? 0,
    deliveries: (name: string): Deliveries => ({
      lease: async (limits, signal) => queueOf(name).lease(limits, signal),
      acknowledge: async (ackIds) => queueOf(name).acknowledge(ackIds),
      modifyAckDeadline: async (ackIds, seconds) => queueOf(name).modifyAckDeadline(ackIds, seconds),
      release: (owner) => topology.queue(name)?.release(owner),
    }),
    async seek(name: string, target: SeekTarget) {
      await seekQueue({ topology, messages, clock }, queueOf(name), target);
    },
    async backlog(name: string) {
      const queue = queueOf(name);
      const unackedMessages = await queue.unacked();
      const oldestUnackedMs = unackedMessages ? await messages.publishTimeAt(queue.log.id, queue.cursor) : undefined;
      return { unackedMessages, oldestUnackedMs };
    },
  };
}
