import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { withDefaults } from "../resources/defaults.ts";
import { invalidField } from "../resources/errors.ts";
import { wakeAtExpiry } from "../resources/expiry.ts";
import { checkName, projectOf } from "../resources/names.ts";
import { insertNew, newRow } from "../resources/row.ts";
import { answered, storedSubscription, subscriptionOf } from "../resources/subscription.ts";
import { findDeadLetterTopic, findTopic } from "../resources/topic.ts";
import { checkTransforms } from "../transforms/check-transforms.ts";
import { validateSubscription } from "../resources/validate-subscription.ts";

/** Subscriber.CreateSubscription; without a name it gets one in the topic's project. */
export const createSubscription = (deps: Deps) =>
  rpc(
    Subscriber.method.createSubscription,
    { permission: "pubsub.subscriptions.create", audit: "ADMIN_WRITE" },
    async (given) => {
      const name = given.name || `${projectOf(given.topic)}/subscriptions/s-${deps.ids.uuid()}`;
      checkName("subscriptions", name);
      if (given.detached) throw invalidField("subscription.detached", "A new subscription cannot be detached.");
      const subscription = withDefaults(given);
      validateSubscription(subscription);
      await checkTransforms(deps, "subscription.message_transforms", subscription.messageTransforms);
      const ids = { uid: deps.ids.uuid(), nowMs: deps.clock.nowMs() };
      const row = newRow(name, storedSubscription(subscription), ids);
      return deps.store.transact(async (transaction) => {
        await findTopic(deps, subscription.topic, transaction);
        await findDeadLetterTopic(deps, subscription, transaction);
        await insertNew(deps.subscriptions, transaction, row);
        await deps.attachments.attach(transaction, "subscription", name, subscription.topic);
        const created = subscriptionOf(row);
        await wakeAtExpiry(deps, transaction, created, ids.nowMs);
        await deps.engine.subscriptionCreated(transaction, created);
        const [answer] = await answered(deps, [created], transaction);
        return answer!;
      });
    },
  );
