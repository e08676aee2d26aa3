import { clone, create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  type Subscription,
  Subscription_State as State,
  SubscriptionSchema,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { withoutMaxAttempts } from "../push/max-attempts.ts";
import { resourceNotFound } from "./errors.ts";
import { checkName, DELETED_TOPIC } from "./names.ts";
import { topicOf } from "./topic.ts";

/** A subscription as it is kept, without what its topic says. */
export function subscriptionOf({ name, message }: ResourceRow): Subscription {
  const kept = fromJsonString(SubscriptionSchema, message);
  return { ...kept, name, state: kept.state || State.ACTIVE };
}

/** What is kept of a subscription; its state only when it is not the usual one. */
export function storedSubscription(subscription: Subscription): string {
  const { topicMessageRetentionDuration: _, ...kept } = clone(SubscriptionSchema, subscription);
  const state = kept.state === State.ACTIVE ? State.STATE_UNSPECIFIED : kept.state;
  return toJsonString(SubscriptionSchema, { ...kept, name: "", state });
}

/** The subscription of that name as it is kept; NOT_FOUND when there is none. */
export async function findSubscription(
  { subscriptions }: Pick<Deps, "subscriptions">,
  name: string,
  transaction?: StoreTransaction,
): Promise<{ readonly row: ResourceRow; readonly subscription: Subscription }> {
  checkName("subscriptions", name);
  const row = await subscriptions.get(name, transaction);
  if (!row) throw resourceNotFound(name);
  return { row, subscription: subscriptionOf(row) };
}

/** Subscriptions as the API answers them: with the retention of their topics, without what Eventarc alone says of them. */
export async function answered(
  { topics }: Pick<Deps, "topics">,
  subscriptions: readonly Subscription[],
  transaction?: StoreTransaction,
): Promise<Subscription[]> {
  const retentions = new Map<string, Duration | undefined>([[DELETED_TOPIC, undefined]]);
  for (const { topic } of subscriptions) {
    if (retentions.has(topic)) continue;
    const row = await topics.get(topic, transaction);
    retentions.set(topic, row && topicOf(row).messageRetentionDuration);
  }
  return subscriptions.map(withoutMaxAttempts).map((subscription) => {
    const retention = retentions.get(subscription.topic);
    if (!retention || subscription.detached) return subscription;
    return { ...subscription, topicMessageRetentionDuration: create(DurationSchema, retention) };
  });
}
