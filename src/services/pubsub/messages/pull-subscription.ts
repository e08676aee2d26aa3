import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Deps } from "../deps.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { checkName } from "../resources/names.ts";
import { notAPullSubscription, subscriptionDetached } from "./errors.ts";

/** A subscription whose messages are pulled; rejects with NOT_FOUND, or FAILED_PRECONDITION when they are not. */
export function pullSubscription({ engine }: Pick<Deps, "engine">, name: string): Subscription {
  const subscription = findSubscription({ engine }, name);
  if (subscription.detached) throw subscriptionDetached();
  if (!isPulled(subscription)) throw notAPullSubscription();
  return subscription;
}

/** Whether messages are pulled: neither pushed nor exported. */
export function isPulled({ pushConfig, bigqueryConfig, cloudStorageConfig, bigtableConfig }: Subscription): boolean {
  return !pushConfig?.pushEndpoint && !bigqueryConfig && !cloudStorageConfig && !bigtableConfig;
}

/** A subscription by its full name; rejects with NOT_FOUND. */
export function findSubscription({ engine }: Pick<Deps, "engine">, name: string): Subscription {
  checkName("subscriptions", name);
  const subscription = engine.subscription(name);
  if (!subscription) throw resourceNotFound(name);
  return subscription;
}
