import type { Bounds } from "./errors.ts";

const DAY_SECONDS = 24 * 3600;

/** Subscription.ack_deadline_seconds; the default stands for 0. */
export const ACK_DEADLINE: Bounds = { min: 10, max: 600 };
export const DEFAULT_ACK_DEADLINE_SECONDS = 10;
/** The same for export subscriptions, which write messages in batches that take minutes to fill. */
export const EXPORT_ACK_DEADLINE_SECONDS = 300;
/** Topic.message_retention_duration and Subscription.message_retention_duration. */
export const RETENTION: Bounds = { min: 600, max: 31 * DAY_SECONDS, unit: "s" };
export const DEFAULT_RETENTION_SECONDS = 7 * DAY_SECONDS;
/** ExpirationPolicy.ttl: pubsub.proto knows no longest one. */
export const EXPIRATION: Bounds = { min: DAY_SECONDS, max: Number.MAX_SAFE_INTEGER, unit: "s" };
export const DEFAULT_EXPIRATION_SECONDS = 31 * DAY_SECONDS;
/** DeadLetterPolicy.max_delivery_attempts; the default stands for 0. */
export const DELIVERY_ATTEMPTS: Bounds = { min: 5, max: 100 };
/** RetryPolicy, and what is used where a policy leaves one of its fields out. */
export const BACKOFF: Bounds = { min: 0, max: 600, unit: "s" };
export const DEFAULT_MINIMUM_BACKOFF_SECONDS = 10;
export const DEFAULT_MAXIMUM_BACKOFF_SECONDS = 600;
/** Snapshots live no longer than this after the oldest message that they keep; younger ones are refused. */
export const SNAPSHOT_SECONDS = 7 * DAY_SECONDS;
export const MIN_SNAPSHOT_SECONDS = 3600;
export const MAX_LABELS = 64;
export const DEFAULT_PAGE_SIZE = 1000;
export const MAX_PAGE_SIZE = 1000;
