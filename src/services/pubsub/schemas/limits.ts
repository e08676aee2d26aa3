/** Longest definition of a schema, bytes (cloud.google.com/pubsub/quotas#resource_limits). */
export const MAX_DEFINITION_BYTES = 300 * 1000;
/** Most revisions that a schema has at the same time. */
export const MAX_REVISIONS = 20;
