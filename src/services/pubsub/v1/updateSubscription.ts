import { Subscriber, SubscriptionSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { changeSubscription } from "../resources/change-subscription.ts";
import { withDefaults, withVersion } from "../resources/defaults.ts";
import type { Deps } from "../deps.ts";
import { checkTransforms } from "../transforms/check-transforms.ts";
import { updated } from "../resources/update-mask.ts";

const SUBSCRIPTION = {
  resource: "Subscription",
  schema: SubscriptionSchema,
  mutable: [
    "push_config",
    "bigquery_config",
    "cloud_storage_config",
    "bigtable_config",
    "ack_deadline_seconds",
    "retain_acked_messages",
    "message_retention_duration",
    "labels",
    "expiration_policy",
    "dead_letter_policy",
    "retry_policy",
    "enable_exactly_once_delivery",
    "message_transforms",
  ],
};

/** Subscriber.UpdateSubscription: the fields of the mask; topic, filter and ordering cannot be changed. */
export const updateSubscription = (deps: Deps) =>
  rpc(
    Subscriber.method.updateSubscription,
    { permission: "pubsub.subscriptions.update", audit: "ADMIN_WRITE" },
    async ({ subscription: patch, updateMask }) => {
      await checkTransforms(deps, "subscription.message_transforms", patch!.messageTransforms);
      return changeSubscription(deps, patch!.name, (current) => {
        const changed = updated(SUBSCRIPTION, current, patch!, updateMask!);
        return withDefaults({ ...changed, pushConfig: withVersion(changed.pushConfig, current.pushConfig) });
      });
    },
  );
