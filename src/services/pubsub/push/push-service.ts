import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Deliveries, MessageEngine } from "../messages/engine.ts";
import { Pusher, type PusherDeps } from "./pusher.ts";

/** Pushes the messages of all subscriptions that have an endpoint. */
export interface PushService {
  /** What subscription there is now: begins to push, goes on with another configuration, or stops. */
  apply(subscription: Subscription): void;
  remove(subscription: string): void;
  /** Ends all pushes at once; their messages come again after a restart. */
  stop(): void;
}

export function createPushService(
  deps: PusherDeps & { readonly deliveries: (subscription: string) => Deliveries },
): PushService {
  const pushers = new Map<string, Pusher>();
  const remove = (name: string, options?: { cut: boolean }) => {
    pushers.get(name)?.stop(options);
    pushers.delete(name);
  };
  return {
    apply(subscription) {
      const { name, detached, pushConfig } = subscription;
      if (detached || pushConfig === undefined || pushConfig.pushEndpoint === "") return remove(name);
      const pusher = pushers.get(name);
      if (pusher !== undefined) return pusher.update(subscription);
      pushers.set(name, new Pusher(deps, deps.deliveries(name), subscription));
    },
    remove,
    stop() {
      for (const name of pushers.keys()) remove(name, { cut: true });
    },
  };
}

/** The engine, which tells the service of every change of a subscription when it is committed. */
export function withPushes(engine: MessageEngine, push: PushService): MessageEngine {
  return {
    ...engine,
    async subscriptionCreated(transaction, subscription) {
      await engine.subscriptionCreated(transaction, subscription);
      transaction.afterCommit(() => push.apply(subscription));
    },
    async subscriptionUpdated(transaction, subscription) {
      await engine.subscriptionUpdated(transaction, subscription);
      transaction.afterCommit(() => push.apply(subscription));
    },
    async subscriptionDeleted(transaction, name) {
      await engine.subscriptionDeleted(transaction, name);
      transaction.afterCommit(() => push.remove(name));
    },
  };
}
