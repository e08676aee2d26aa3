import { type ConsumerSet, createConsumerSet } from "../consumer-set.ts";
import type { Deliveries } from "../messages/engine.ts";
import { Pusher, type PusherDeps } from "./pusher.ts";

/** Pushes the messages of all subscriptions that have an endpoint. */
export function createPushService(
  deps: PusherDeps & { readonly deliveries: (subscription: string) => Deliveries },
): ConsumerSet {
  return createConsumerSet(
    ({ pushConfig }) => pushConfig !== undefined && pushConfig.pushEndpoint !== "",
    (subscription) => new Pusher(deps, deps.deliveries(subscription.name), subscription),
  );
}
