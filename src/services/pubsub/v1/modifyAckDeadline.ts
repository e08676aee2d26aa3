import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkAckIds, checkOutcomes } from "../messages/ack-outcomes.ts";
import { MAX_ACK_DEADLINE_S } from "../messages/limits.ts";
import { findSubscription } from "../messages/pull-subscription.ts";
import { checkBounds } from "../resources/errors.ts";

/** Subscriber.ModifyAckDeadline: 0 seconds give a message back. */
export const modifyAckDeadline = (deps: Deps) =>
  rpc(
    Subscriber.method.modifyAckDeadline,
    { permission: "pubsub.subscriptions.consume", audit: "DATA_WRITE" },
    async ({ subscription: name, ackIds, ackDeadlineSeconds }) => {
      checkBounds("ack_deadline_seconds", ackDeadlineSeconds, { min: 0, max: MAX_ACK_DEADLINE_S });
      checkAckIds(ackIds);
      const subscription = findSubscription(deps, name);
      const outcomes = await deps.engine.deliveries(name).modifyAckDeadline(ackIds, ackDeadlineSeconds);
      checkOutcomes(subscription, ackIds, outcomes);
      return {};
    },
  );
