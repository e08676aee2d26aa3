import type { Duration } from "@bufbuild/protobuf/wkt";
import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { DeliverySettings } from "./delivery/types.ts";
import {
  DEFAULT_ACK_DEADLINE_S,
  DEFAULT_MAX_BACKOFF_MS,
  DEFAULT_MAX_DELIVERY_ATTEMPTS,
  DEFAULT_MIN_BACKOFF_MS,
  DEFAULT_RETENTION_MS,
  MAX_HELD_BACK,
  MAX_OUTSTANDING,
} from "./limits.ts";

/** How a subscription's messages are delivered. */
export function deliverySettings(subscription: Subscription): DeliverySettings {
  const { retryPolicy, deadLetterPolicy } = subscription;
  const minMs = durationMs(retryPolicy?.minimumBackoff) ?? DEFAULT_MIN_BACKOFF_MS;
  const maxMs = durationMs(retryPolicy?.maximumBackoff) ?? DEFAULT_MAX_BACKOFF_MS;
  const attempts = deadLetterPolicy?.maxDeliveryAttempts || DEFAULT_MAX_DELIVERY_ATTEMPTS;
  return {
    ordered: subscription.enableMessageOrdering,
    exactlyOnce: subscription.enableExactlyOnceDelivery,
    ...(retryPolicy && { backoff: { minMs, maxMs: Math.max(minMs, maxMs) } }),
    ...(deadLetterPolicy?.deadLetterTopic && { maxDeliveryAttempts: attempts }),
    maxOutstanding: MAX_OUTSTANDING,
    maxHeldBack: MAX_HELD_BACK,
  };
}

/** How long a subscription keeps messages, ms. */
export function retentionMs({ messageRetentionDuration }: Subscription): number {
  return durationMs(messageRetentionDuration) ?? DEFAULT_RETENTION_MS;
}

/** How long what is handed out is leased, seconds. */
export function ackDeadlineSeconds({ ackDeadlineSeconds: seconds }: Subscription): number {
  return seconds || DEFAULT_ACK_DEADLINE_S;
}

/** A duration in ms; undefined when it is absent. */
export function durationMs(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1000 + Math.floor(duration.nanos / 1_000_000);
}
