import { clone, create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  CloudStorageConfig_TextConfigSchema,
  ExpirationPolicySchema,
  type PushConfig,
  PushConfigSchema,
  type Subscription,
  SubscriptionSchema,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import {
  DEFAULT_ACK_DEADLINE_SECONDS,
  DEFAULT_EXPIRATION_SECONDS,
  DEFAULT_MAXIMUM_BACKOFF_SECONDS,
  DEFAULT_MINIMUM_BACKOFF_SECONDS,
  DEFAULT_RETENTION_SECONDS,
  DELIVERY_ATTEMPTS,
  EXPORT_ACK_DEADLINE_SECONDS,
} from "./limits.ts";

const VERSION = "x-goog-version";

/** The subscription with the values that Pub/Sub gives to fields which are not set. Google: pubsub.proto, Subscription. */
export function withDefaults(given: Subscription): Subscription {
  const subscription = clone(SubscriptionSchema, given);
  subscription.pushConfig = withVersion(subscription.pushConfig);
  subscription.ackDeadlineSeconds ||= subscription.cloudStorageConfig
    ? EXPORT_ACK_DEADLINE_SECONDS
    : DEFAULT_ACK_DEADLINE_SECONDS;
  subscription.messageRetentionDuration ??= seconds(DEFAULT_RETENTION_SECONDS);
  subscription.expirationPolicy ??= create(ExpirationPolicySchema, { ttl: seconds(DEFAULT_EXPIRATION_SECONDS) });
  if (subscription.deadLetterPolicy) subscription.deadLetterPolicy.maxDeliveryAttempts ||= DELIVERY_ATTEMPTS.min;
  if (subscription.retryPolicy) {
    subscription.retryPolicy.minimumBackoff ??= seconds(DEFAULT_MINIMUM_BACKOFF_SECONDS);
    subscription.retryPolicy.maximumBackoff ??= seconds(DEFAULT_MAXIMUM_BACKOFF_SECONDS);
  }
  if (subscription.cloudStorageConfig) setStorageDefaults(subscription.cloudStorageConfig);
  return subscription;
}

/** The configuration with the version of pushes: the given one, the one it had, or v1; empty when nothing is pushed. */
export function withVersion(given: PushConfig | undefined, before?: PushConfig): PushConfig {
  const config = clone(PushConfigSchema, given ?? create(PushConfigSchema));
  if (config.pushEndpoint !== "") config.attributes[VERSION] ??= before?.attributes[VERSION] ?? "v1";
  return config;
}

function setStorageDefaults(config: NonNullable<Subscription["cloudStorageConfig"]>): void {
  config.maxDuration ??= seconds(300);
  if (config.outputFormat.case === undefined)
    config.outputFormat = { case: "textConfig", value: create(CloudStorageConfig_TextConfigSchema) };
}

function seconds(count: number) {
  return durationFromMs(count * 1000);
}
