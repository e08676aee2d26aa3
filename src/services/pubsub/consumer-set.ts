import type { Subscription } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import type { MessageEngine } from "./messages/engine.ts";

/** What takes the messages of one subscription. */
export interface Consumer {
  /** Counts from now on. */
  update(subscription: Subscription): void;
  /** Takes no more; with `cut` it also leaves what it has begun. */
  stop(options: { readonly cut: boolean }): void;
}

/** Consumers of all subscriptions that want one. */
export interface ConsumerSet {
  /** What subscription there is now: it gets a consumer, keeps it with other settings, or loses it. */
  apply(subscription: Subscription): void;
  remove(subscription: string): void;
  /** Ends all at once; what they have begun comes again after a restart. */
  stop(): void;
}

/** `open` makes a consumer of a subscription; undefined when that one wants none. */
export function createConsumerSet(
  wants: (subscription: Subscription) => boolean,
  open: (subscription: Subscription) => Consumer,
): ConsumerSet {
  const consumers = new Map<string, Consumer>();
  const remove = (name: string, cut: boolean) => {
    consumers.get(name)?.stop({ cut });
    consumers.delete(name);
  };
  return {
    apply(subscription) {
      const { name } = subscription;
      if (subscription.detached || !wants(subscription)) return remove(name, false);
      const consumer = consumers.get(name);
      if (consumer === undefined) consumers.set(name, open(subscription));
      else consumer.update(subscription);
    },
    remove: (name) => remove(name, false),
    stop() {
      for (const name of consumers.keys()) remove(name, true);
    },
  };
}

/** The engine, which tells the sets of every change of a subscription when it is committed. */
export function withConsumers(engine: MessageEngine, sets: readonly ConsumerSet[]): MessageEngine {
  const apply = (subscription: Subscription) => sets.forEach((set) => set.apply(subscription));
  return {
    ...engine,
    async subscriptionCreated(transaction, subscription) {
      await engine.subscriptionCreated(transaction, subscription);
      transaction.afterCommit(() => apply(subscription));
    },
    async subscriptionUpdated(transaction, subscription) {
      await engine.subscriptionUpdated(transaction, subscription);
      transaction.afterCommit(() => apply(subscription));
    },
    async subscriptionDeleted(transaction, name) {
      await engine.subscriptionDeleted(transaction, name);
      transaction.afterCommit(() => sets.forEach((set) => set.remove(name)));
    },
  };
}
