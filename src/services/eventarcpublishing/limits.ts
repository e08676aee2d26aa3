/** Size of the data of one event, bytes. Google: cloud.google.com/eventarc/docs/quotas. */
export const MAX_EVENT_BYTES = 524_288;
/** What an event's attributes may be, so that Pub/Sub takes them as its own. Google: cloud.google.com/pubsub/quotas. */
export const MAX_ATTRIBUTES = 90;
export const MAX_ATTRIBUTE_NAME = 250;
export const MAX_ATTRIBUTE_BYTES = 1_024;
/** How many topics one call publishes to at the same time. */
export const PARALLEL_TOPICS = 8;
