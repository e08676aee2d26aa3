/** Size of the data of one event, bytes. Google: cloud.google.com/eventarc/docs/quotas. */
export const MAX_EVENT_BYTES = 524_288;
/** How many topics one call publishes to at the same time. */
export const PARALLEL_TOPICS = 8;
