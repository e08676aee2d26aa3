import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type PubsubMessage, PubsubMessageSchema } from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { AckOutcome, Deliveries, LeasedMessage } from "../../messages/engine.ts";

/** Deliveries out of a list, for tests of who consumes them: what is nacked comes back at once, behind the others or with its key. */
export interface MemoryDeliveries extends Deliveries {
  publish(message: PubsubMessage): void;
  readonly acknowledged: string[];
  readonly nacked: string[];
  readonly leases: { readonly maxMessages: number; readonly ackDeadlineSeconds: number }[];
}

export function memoryDeliveries(): MemoryDeliveries {
  const ready: { message: PubsubMessage; attempts: number }[] = [];
  const leased = new Map<string, { message: PubsubMessage; attempts: number }>();
  let arrived = Promise.withResolvers<void>();
  let count = 0;
  const wake = () => {
    arrived.resolve();
    arrived = Promise.withResolvers();
  };
  const settle = (ackIds: readonly string[], how: (entry: { message: PubsubMessage; attempts: number }) => void) =>
    ackIds.map((ackId): AckOutcome => {
      const entry = leased.get(ackId);
      if (entry === undefined) return "invalid";
      how(entry);
      leased.delete(ackId);
      return "done";
    });
  const deliveries: MemoryDeliveries = {
    acknowledged: [],
    nacked: [],
    leases: [],
    publish(message) {
      ready.push({ message, attempts: 0 });
      wake();
    },
    async lease({ maxMessages, ackDeadlineSeconds }, signal) {
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      while (ready.length === 0 && !signal.aborted) await Promise.race([arrived.promise, aborted]);
      if (signal.aborted) return [];
      deliveries.leases.push({ maxMessages, ackDeadlineSeconds });
      return ready.splice(0, maxMessages).map((entry): LeasedMessage => {
        const ackId = `ack-${++count}`;
        entry.attempts++;
        leased.set(ackId, entry);
        const { message, attempts: deliveryAttempt } = entry;
        return { ackId, message, encoded: toBinary(PubsubMessageSchema, message), deliveryAttempt };
      });
    },
    release() {},
    async acknowledge(ackIds) {
      return settle(ackIds, ({ message }) => deliveries.acknowledged.push(message.messageId));
    },
    async modifyAckDeadline(ackIds, seconds) {
      if (seconds > 0) return ackIds.map((ackId) => (leased.has(ackId) ? "done" : "invalid"));
      return settle(ackIds, (entry) => {
        const { messageId, orderingKey } = entry.message;
        deliveries.nacked.push(messageId);
        const later =
          orderingKey === "" ? [] : [...leased].filter(([, each]) => each.message.orderingKey === orderingKey);
        for (const [ackId] of later) leased.delete(ackId);
        if (orderingKey === "") ready.push(entry);
        else ready.unshift(...later.map(([, each]) => each));
        wake();
      });
    },
  };
  return deliveries;
}

/** A message as the engine would hand it out. */
export function sampleMessage(id: string, fields: MessageInitShape<typeof PubsubMessageSchema> = {}): PubsubMessage {
  const defaults: MessageInitShape<typeof PubsubMessageSchema> = {
    messageId: id,
    data: Buffer.from(`data of ${id}`),
    publishTime: { seconds: 1_700_000_000n, nanos: 123_000_000 },
  };
  return create(PubsubMessageSchema, Object.assign(defaults, fields));
}
