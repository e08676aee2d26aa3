import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkAckIds, checkOutcomes } from "../messages/ack-outcomes.ts";
import { findSubscription } from "../messages/pull-subscription.ts";

/** Subscriber.Acknowledge: answered when it is on disk. */
export const acknowledge = (deps: Deps) =>
  rpc(
    Subscriber.method.acknowledge,
    { permission: "pubsub.subscriptions.consume", audit: "DATA_WRITE" },
    async ({ subscription: name, ackIds }) => {
      checkAckIds(ackIds);
      const subscription = findSubscription(deps, name);
      checkOutcomes(subscription, ackIds, await deps.engine.deliveries(name).acknowledge(ackIds));
      return {};
    },
  );
