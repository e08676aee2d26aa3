import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Deps } from "../deps.ts";
import { wakeAtExpiry } from "./expiry.ts";
import { changedRow } from "./row.ts";
import { answered, findSubscription, storedSubscription, subscriptionOf } from "./subscription.ts";
import { findDeadLetterTopic } from "./topic.ts";
import { validateSubscription } from "./validate-subscription.ts";

/** Writes what `change` makes of a subscription, if it is valid; the subscription as the API answers it. */
export function changeSubscription(
  deps: Deps,
  name: string,
  change: (subscription: Subscription) => Subscription,
): Promise<Subscription> {
  return deps.store.transact(async (transaction) => {
    const { row, subscription } = await findSubscription(deps, name, transaction);
    const changed = change(subscription);
    validateSubscription(changed);
    const deadLetterTopic = changed.deadLetterPolicy?.deadLetterTopic;
    // A topic for dead letters that was deleted since does not keep other fields from being changed.
    if (deadLetterTopic !== subscription.deadLetterPolicy?.deadLetterTopic)
      await findDeadLetterTopic(deps, changed, transaction);
    const nowMs = deps.clock.nowMs();
    const written = await deps.subscriptions.update(transaction, changedRow(row, storedSubscription(changed), nowMs));
    const answer = subscriptionOf(written);
    await wakeAtExpiry(deps, transaction, answer, nowMs);
    await deps.engine.subscriptionUpdated(transaction, answer);
    return (await answered(deps, [answer], transaction))[0]!;
  });
}
