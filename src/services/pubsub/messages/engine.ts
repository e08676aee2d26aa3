import type { PubsubMessage, Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";

/**
 * Messages on disk and who still has to get them. Topics and subscriptions are resources of `resources/`; the engine
 * knows them by name. Every promise that resolves with something acknowledged is durable by then.
 */
export interface MessageEngine {
  /** Stores the messages for every subscription the topic has now, and for its retention; their ids, in order. */
  publish(topic: string, messages: readonly PubsubMessage[]): Promise<readonly string[]>;
  /** Hands out messages of a subscription and takes its acknowledgements. */
  deliveries(subscription: string): Deliveries;
  /** A subscription begins to receive what is published from the commit on. */
  subscriptionCreated(transaction: StoreTransaction, subscription: Subscription): Promise<void>;
  /** Fields that steer delivery may be different from the commit on. */
  subscriptionUpdated(transaction: StoreTransaction, subscription: Subscription): Promise<void>;
  /** What only this subscription still needed goes away. */
  subscriptionDeleted(transaction: StoreTransaction, name: string): Promise<void>;
  /** Nothing is published any more; subscriptions keep their backlog (their topic is "_deleted-topic_"). */
  topicDeleted(transaction: StoreTransaction, name: string): Promise<void>;
}

/** The deliveries of one subscription. */
export interface Deliveries {
  /** Leases what can be delivered now, waiting for at least one message until the signal aborts; then possibly none. */
  lease(limits: LeaseLimits, signal: AbortSignal): Promise<readonly LeasedMessage[]>;
  acknowledge(ackIds: readonly string[]): Promise<readonly AckOutcome[]>;
  /** 0 seconds is a nack: the message may be delivered again, after the retry policy's back-off. */
  modifyAckDeadline(ackIds: readonly string[], seconds: number): Promise<readonly AckOutcome[]>;
}

export interface LeaseLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** How long what is leased is kept from others. */
  readonly ackDeadlineSeconds: number;
}

/** A message as a subscriber gets it. */
export interface LeasedMessage {
  readonly ackId: string;
  readonly message: PubsubMessage;
  /** Counts deliveries, from 1. */
  readonly deliveryAttempt: number;
}

/** What became of an ack id. "invalid" covers expired, forged and foreign ones. */
export type AckOutcome = "done" | "invalid";
