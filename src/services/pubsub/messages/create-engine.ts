import { create, toBinary } from "@bufbuild/protobuf";
import { type PubsubMessage, PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import { HEXADECIMAL, type Ids } from "../../../platform/ids.ts";
import type { Log } from "../../../platform/log.ts";
import type { Store } from "../../../platform/store/store.ts";
import { ApiError, failedPrecondition } from "../../../wire/errors.ts";
import { ACK_KEY_BYTES, createAckIds } from "./ack-ids.ts";
import { createCommitter } from "./committer.ts";
import { deadLetterOf } from "./dead-letters.ts";
import type { LeasedMessage, MessageEngine } from "./engine.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { cannotStore, streamEnded } from "./errors.ts";
import { createHooks } from "./hooks.ts";
import { messageIdOf } from "./leased-message.ts";
import { CACHE_BYTES, ROW_BYTES } from "./limits.ts";
import { createRetention } from "./retention.ts";
import { marksAfterSeek } from "./seek.ts";
import { retentionMs } from "./settings.ts";
import { createRowCache } from "./storage/row-cache.ts";
import { createMessageStore } from "./storage/store.ts";
import { SubscriptionQueue } from "./subscription-queue.ts";
import { createTopicLog } from "./topic-log.ts";
import { createTopology, type Factories, loadTopology } from "./topology.ts";

export interface MessageEngineDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The messages of a store. */
export function createMessageEngine(deps: MessageEngineDeps): MessageEngine {
  const { clock, log } = deps;
  const store = createMessageStore(deps.store);
  const topology = createTopology();
  const committer = createCommitter(deps.store);
  const cache = createRowCache({ store, maxBytes: CACHE_BYTES, readBytes: ROW_BYTES });
  const retention = createRetention({
    ...topology,
    store: deps.store,
    messages: store,
    cache,
    clock,
    log,
    forget: (each) => topology.forgetLog(each),
  });
  // Leases of earlier processes never have the same number: 2^47 to choose from.
  const firstLease = Math.floor(deps.ids.fraction() * 2 ** 47);
  let ackKey = Buffer.alloc(0);

  const factories: Factories = {
    makeLog: (start) =>
      createTopicLog(
        {
          store,
          committer,
          cache,
          clock,
          onPublished(published) {
            const queues = topology.queuesOf(published);
            for (const queue of queues) queue.published();
            if (queues.length === 0) retention.touch(published);
          },
        },
        start,
      ),
    makeQueue(position, ofLog) {
      const ackIds = (id: number) => createAckIds(ackKey, id);
      const onAcknowledged = retention.touch;
      const queueDeps = { store, committer, cache, clock, log, ackIds, firstLease, onAcknowledged, forward };
      return new SubscriptionQueue(queueDeps, position, ofLog);
    },
  };

  async function forward(subscription: SubscriptionQueue["position"]["subscription"], message: LeasedMessage) {
    const topic = subscription.deadLetterPolicy?.deadLetterTopic ?? "";
    if (!topology.topic(topic)) return false;
    await publish(topic, [deadLetterOf(subscription, message)]);
    return true;
  }

  async function publishEncoded(topic: string, messages: readonly Uint8Array[]): Promise<readonly string[]> {
    const found = topology.topic(topic);
    if (!found) throw resourceNotFound(topic);
    if (messages.length === 0) return [];
    const first = await found.publish(messages).catch((error: unknown) => {
      throw error instanceof ApiError ? error : cannotStore(error);
    });
    return messages.map((_, index) => messageIdOf(found.id, first + index));
  }

  const publish = (topic: string, messages: readonly PubsubMessage[]) =>
    publishEncoded(topic, messages.map(withoutServerFields));

  function queueOf(name: string): SubscriptionQueue {
    const queue = topology.queue(name);
    if (!queue) throw resourceNotFound(name);
    return queue;
  }

  async function seekToTime(queue: SubscriptionQueue, timeMs: number): Promise<void> {
    const { log: topicLog, position } = queue;
    const nowMs = clock.nowMs();
    const seqAt = async (ms: number) => (ms > nowMs ? undefined : await store.seqAt(topicLog.id, ms)) ?? topicLog.end;
    const target = await seqAt(timeMs);
    const ofTopic = topicLog.retentionMs > 0 ? await seqAt(nowMs - topicLog.retentionMs) : topicLog.end;
    const { retainAckedMessages } = position.subscription;
    const own = retainAckedMessages ? await seqAt(nowMs - retentionMs(position.subscription)) : topicLog.end;
    const retained = Math.min(ofTopic, Math.max(own, position.firstSeq));
    await queue.seek(async (now) => marksAfterSeek(now, target, retained));
  }

  async function seekToSnapshot(queue: SubscriptionQueue, name: string): Promise<void> {
    const snapshot = topology.snapshot(name);
    if (!snapshot) throw resourceNotFound(name);
    if (snapshot.log !== queue.log.id) {
      throw failedPrecondition("The snapshot's topic must be the same as that of the provided subscription.");
    }
    const { chunks } = await store.marks(snapshot.id);
    await queue.seek(async () => ({ cursor: snapshot.cursor, chunks }));
  }

  return {
    ...createHooks({ ...factories, store, topology, retention, clock }),
    async start() {
      const stored = await store.constant("ack-key", () => deps.ids.text(2 * ACK_KEY_BYTES, HEXADECIMAL));
      ackKey = Buffer.from(stored, "hex");
      const rows = { logs: await store.logs(), positions: await store.positions(), endOf: store.nextSeq };
      await loadTopology(topology, rows, factories);
      retention.start();
    },
    publish,
    publishEncoded,
    subscription: (name) => topology.queue(name)?.position.subscription,
    deliveries: (name) => ({
      lease: async (limits, signal) => queueOf(name).lease(limits, signal),
      acknowledge: async (ackIds) => queueOf(name).acknowledge(ackIds),
      modifyAckDeadline: async (ackIds, seconds) => queueOf(name).modifyAckDeadline(ackIds, seconds),
      release: (owner) => topology.queue(name)?.release(owner),
    }),
    async seek(name, target) {
      const queue = queueOf(name);
      if ("timeMs" in target) await seekToTime(queue, target.timeMs);
      else await seekToSnapshot(queue, target.snapshot);
    },
    lastUseMs: (name) => topology.queue(name)?.position.lastUseMs ?? 0,
    async backlog(name) {
      const queue = queueOf(name);
      const unackedMessages = await queue.unacked();
      const oldestUnackedMs = unackedMessages ? await store.publishTimeAt(queue.log.id, queue.cursor) : undefined;
      return { unackedMessages, oldestUnackedMs };
    },
    async [Symbol.asyncDispose]() {
      for (const queue of topology.queues()) queue.end(streamEnded());
      await retention[Symbol.asyncDispose]();
      await committer.idle();
    },
  };
}

/** What a publisher says of a message, in binary form. */
function withoutServerFields({ data, attributes, orderingKey }: PubsubMessage): Uint8Array {
  return toBinary(PubsubMessageSchema, create(PubsubMessageSchema, { data, attributes, orderingKey }));
}
