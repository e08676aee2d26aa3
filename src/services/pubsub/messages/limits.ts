/** Sizes and counts of messages (cloud.google.com/pubsub/quotas#resource_limits). */
export const MAX_REQUEST_BYTES = 10_000_000;
export const MAX_MESSAGES_PER_PUBLISH = 1000;
export const MAX_ATTRIBUTES = 100;
export const MAX_ATTRIBUTE_KEY_BYTES = 256;
export const MAX_ATTRIBUTE_VALUE_BYTES = 1024;
export const MAX_ORDERING_KEY_BYTES = 1024;

/** Ack deadlines, seconds. */
export const MIN_STREAM_ACK_DEADLINE_S = 10;
export const MAX_ACK_DEADLINE_S = 600;
export const DEFAULT_ACK_DEADLINE_S = 10;

/** How long messages are kept when a subscription does not say (subscription.message_retention_duration), ms. */
export const DEFAULT_RETENTION_MS = 7 * 24 * 3600 * 1000;

/** Back-off of retry policies that leave it open (RetryPolicy in pubsub.proto), ms. */
export const DEFAULT_MIN_BACKOFF_MS = 10_000;
export const DEFAULT_MAX_BACKOFF_MS = 600_000;
export const DEFAULT_MAX_DELIVERY_ATTEMPTS = 5;

/** What one subscription keeps in memory of messages that were handed out and not acknowledged: beyond it, it hands out no new ones. */
export const MAX_OUTSTANDING = 250_000;
/** Messages of one subscription that wait behind others of their ordering key; beyond it, no newer ones are looked at. */
export const MAX_HELD_BACK = 20_000;

/** Messages kept in memory for all subscriptions together, bytes. */
export const CACHE_BYTES = 32 * 1024 * 1024;
/** About how large a row of messages gets, bytes. */
export const ROW_BYTES = 1024 * 1024;

/** One response to a pull or on a stream: it ends with the message that reaches this size, bytes. */
export const RESPONSE_BYTES = 1024 * 1024;
export const RESPONSE_MESSAGES = 1000;
/** How long a pull waits for a message, ms. */
export const PULL_WAIT_MS = 5000;
/** Streams are closed after about this time, and clients open new ones, ms. */
export const STREAM_LIFE_MS = 30 * 60 * 1000;
