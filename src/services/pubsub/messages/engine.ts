import type { PubsubMessage, Subscription, Topic } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";

/**
 * Messages on disk and who still has to get them. Topics, subscriptions and snapshots are resources of `resources/`,
 * which tells the engine of every change in the transaction of that change; the engine knows them by full name. Every
 * promise that resolves with something acknowledged is durable by then.
 */
export interface MessageEngine extends MessageHooks, AsyncDisposable {
  /** Reads what it has to know of topics and subscriptions; once, before anything else. */
  start(): Promise<void>;
  /** Stores the messages for the topic's subscriptions and its retention; their ids, in order. Rejects with NOT_FOUND. */
  publish(topic: string, messages: readonly PubsubMessage[]): Promise<readonly string[]>;
  /** The same of messages in binary form, which hold nothing that only the server may write. */
  publishEncoded(topic: string, messages: readonly Uint8Array[]): Promise<readonly string[]>;
  /** A subscription as it is delivered now; undefined when there is none. */
  subscription(name: string): Subscription | undefined;
  /** Hands out messages of a subscription and takes its acknowledgements. Its methods reject with NOT_FOUND when there is none. */
  deliveries(subscription: string): Deliveries;
  /**
   * Marks what was published before a time (ms) as acknowledged and what is retained from then on as not; or takes over
   * what a snapshot says.
   */
  seek(subscription: string, target: { readonly timeMs: number } | { readonly snapshot: string }): Promise<void>;
  /** When a subscriber or a seek last used the subscription, ms since the epoch (best effort over restarts: see storage). */
  lastUseMs(subscription: string): number;
  /** What is left to deliver, for metrics and expiry of snapshots. */
  backlog(subscription: string): Promise<Backlog>;
}

/** What `resources/` calls, each inside the transaction that changes the resource; effects begin with the commit. */
export interface MessageHooks {
  topicCreated(transaction: StoreTransaction, topic: Topic): Promise<void>;
  topicUpdated(transaction: StoreTransaction, topic: Topic): Promise<void>;
  /** Nothing is published any more; subscriptions keep their backlog (their topic is "_deleted-topic_"). */
  topicDeleted(transaction: StoreTransaction, name: string): Promise<void>;
  /** A subscription begins to receive what is published from the commit on. */
  subscriptionCreated(transaction: StoreTransaction, subscription: Subscription): Promise<void>;
  /** Fields that steer delivery may be different from the commit on; with `detached` its backlog is dropped. */
  subscriptionUpdated(transaction: StoreTransaction, subscription: Subscription): Promise<void>;
  /** What only this subscription still needed goes away; its streams end with NOT_FOUND. */
  subscriptionDeleted(transaction: StoreTransaction, name: string): Promise<void>;
  /**
   * Keeps what the subscription has not acknowledged now, and all that is published later, until it is deleted.
   * Resolves with when the oldest message it holds was published, ms; undefined when the backlog is empty.
   */
  snapshotCreated(
    transaction: StoreTransaction,
    snapshot: string,
    subscription: string,
  ): Promise<{ readonly oldestUnackedMs: number | undefined }>;
  snapshotDeleted(transaction: StoreTransaction, name: string): Promise<void>;
}

/** The deliveries of one subscription. */
export interface Deliveries {
  /**
   * Leases what can be delivered now, waiting for at least one message until the signal aborts; then possibly none. With
   * a signal that is aborted already it does not wait.
   */
  lease(limits: LeaseLimits, signal: AbortSignal): Promise<readonly LeasedMessage[]>;
  /** Resolves once it is durable. */
  acknowledge(ackIds: readonly string[]): Promise<readonly AckOutcome[]>;
  /** 0 seconds is a nack: the message may be delivered again, after the retry policy's back-off. */
  modifyAckDeadline(ackIds: readonly string[], seconds: number): Promise<readonly AckOutcome[]>;
  /** An owner is gone. What it holds stays leased until its deadline. */
  release(owner: string): void;
}

export interface LeaseLimits {
  readonly maxMessages: number;
  /** At least one message is leased, however large it is. */
  readonly maxBytes: number;
  /** How long what is leased is kept from others. */
  readonly ackDeadlineSeconds: number;
  /** Who leases. Messages of one ordering key go on to the same owner; without one, a batch is finished before the next. */
  readonly owner?: string;
  /** The most an owner holds at a time that is neither acknowledged nor nacked nor expired; nothing is leased beyond it. */
  readonly maxOutstandingMessages?: number;
  readonly maxOutstandingBytes?: number;
}

/** A message as a subscriber gets it. */
export interface LeasedMessage {
  readonly ackId: string;
  /** Decoded when it is first asked for. */
  readonly message: PubsubMessage;
  /** The message in its binary form. */
  readonly encoded: Uint8Array;
  /** Counts deliveries, from 1. */
  readonly deliveryAttempt: number;
}

/** What became of an ack id. "invalid": expired or stale. "malformed": forged, or of another subscription. */
export type AckOutcome = "done" | "invalid" | "malformed";

export interface Backlog {
  readonly unackedMessages: number;
  /** When the oldest message that is not acknowledged was published, ms since the epoch. */
  readonly oldestUnackedMs: number | undefined;
}
