import { create } from "@bufbuild/protobuf";
import { type PubsubMessage, PubsubMessageSchema, type Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { LeasedMessage } from "./engine.ts";

/**
 * A dead letter: the message with attributes that say where it comes from.
 * Google: cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic.
 */
export function deadLetterOf(subscription: Subscription, { message, deliveryAttempt }: LeasedMessage): PubsubMessage {
  const [, project = "", , id = ""] = subscription.name.split("/");
  const { data, orderingKey, attributes, publishTime } = message;
  const publishedMs = Number(publishTime?.seconds ?? 0n) * 1000 + (publishTime?.nanos ?? 0) / 1_000_000;
  return create(PubsubMessageSchema, {
    data,
    orderingKey,
    attributes: {
      ...attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(deliveryAttempt),
      CloudPubSubDeadLetterSourceSubscription: id,
      CloudPubSubDeadLetterSourceSubscriptionProject: project,
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(publishedMs).toISOString(),
    },
  });
}
