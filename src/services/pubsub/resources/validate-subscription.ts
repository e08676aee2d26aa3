import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { compileFilter } from "../filter/compile-filter.ts";
import { checkCloudStorageConfig } from "./cloud-storage-config.ts";
import { checkBounds, invalidField } from "./errors.ts";
import { checkLabels } from "./labels.ts";
import { ACK_DEADLINE, BACKOFF, DELIVERY_ATTEMPTS, EXPIRATION, RETENTION } from "./limits.ts";
import { checkName } from "./names.ts";
import { checkPushConfig } from "./push-config.ts";

/**
 * Rejects with INVALID_ARGUMENT what Pub/Sub refuses in a subscription whose defaults are set, and by name what homerun does
 * not support.
 */
export function validateSubscription(subscription: Subscription): void {
  refuseUnsupported(subscription);
  const { ackDeadlineSeconds, messageRetentionDuration, expirationPolicy } = subscription;
  checkBounds("subscription.ack_deadline_seconds", ackDeadlineSeconds, ACK_DEADLINE);
  checkBounds("subscription.message_retention_duration", secondsOf(messageRetentionDuration!), RETENTION);
  if (expirationPolicy?.ttl)
    checkBounds("subscription.expiration_policy.ttl", secondsOf(expirationPolicy.ttl), EXPIRATION);
  checkLabels("subscription.labels", subscription.labels);
  compileFilter(subscription.filter);
  checkDeadLetters(subscription);
  checkRetries(subscription);
  checkDelivery(subscription);
}

function checkDeadLetters({ deadLetterPolicy: policy }: Subscription): void {
  if (!policy) return;
  checkName("topics", policy.deadLetterTopic);
  checkBounds("subscription.dead_letter_policy.max_delivery_attempts", policy.maxDeliveryAttempts, DELIVERY_ATTEMPTS);
}

function checkRetries({ retryPolicy: policy }: Subscription): void {
  if (!policy) return;
  const minimum = secondsOf(policy.minimumBackoff!);
  checkBackoff("minimum_backoff", minimum);
  const maximum = secondsOf(policy.maximumBackoff!);
  checkBackoff("maximum_backoff", maximum);
  checkBounds("subscription.retry_policy.maximum_backoff", maximum, { ...BACKOFF, min: minimum });
}

function checkBackoff(name: string, seconds: number): void {
  if (seconds >= BACKOFF.min && seconds <= BACKOFF.max) return;
  const passed = `You passed ${seconds}s in the request, but the value must be between ${BACKOFF.min}s and ${BACKOFF.max}s.`;
  throw invalidField(`subscription.retry_policy.${name}`, `The value for ${name} is out of bounds. ${passed}`);
}

function checkDelivery(subscription: Subscription): void {
  const { pushConfig, cloudStorageConfig } = subscription;
  const pushes = pushConfig !== undefined && pushConfig.pushEndpoint !== "";
  if (pushConfig) checkPushConfig("subscription.push_config", pushConfig);
  if (cloudStorageConfig) checkCloudStorageConfig(cloudStorageConfig, subscription.ackDeadlineSeconds);
  if (pushes && cloudStorageConfig)
    throw invalidField(
      "subscription",
      "At most one of push_config, bigquery_config, bigtable_config and cloud_storage_config may be set.",
    );
  if (subscription.enableExactlyOnceDelivery && (pushes || cloudStorageConfig))
    throw invalidField(
      "subscription.enable_exactly_once_delivery",
      "Exactly-once delivery is only supported on pull subscriptions.",
    );
}

function refuseUnsupported(subscription: Subscription): void {
  if (subscription.bigqueryConfig) throw unsupportedField("subscription.bigquery_config");
  if (subscription.bigtableConfig) throw unsupportedField("subscription.bigtable_config");
  if (Object.keys(subscription.tags).length > 0) throw unsupportedField("subscription.tags");
}

function secondsOf(duration: Duration): number {
  return durationMs(duration) / 1000;
}
