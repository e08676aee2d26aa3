import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";

/**
 * The attribute of a push configuration by which Eventarc says how often an event is delivered at most
 * (Trigger.retry_policy.max_attempts). Google's Pub/Sub knows it without showing it, and so it is here.
 */
export const MAX_ATTEMPTS_ATTRIBUTE = "x-homerun-max-attempts";

/** After how many attempts a message that fails is given up and acknowledged; undefined: never. */
export function maxAttemptsOf({ pushConfig }: Subscription): number | undefined {
  const text = pushConfig?.attributes[MAX_ATTEMPTS_ATTRIBUTE];
  return text === undefined ? undefined : Number(text);
}

/** Whether it is a value of the attribute: a number from 1 to 100. */
export function isMaxAttempts(value: string): boolean {
  return /^([1-9]\d?|100)$/.test(value);
}

/** The subscription as the API shows it. */
export function withoutMaxAttempts(subscription: Subscription): Subscription {
  const { pushConfig } = subscription;
  if (pushConfig?.attributes[MAX_ATTEMPTS_ATTRIBUTE] === undefined) return subscription;
  const { [MAX_ATTEMPTS_ATTRIBUTE]: _, ...attributes } = pushConfig.attributes;
  return { ...subscription, pushConfig: { ...pushConfig, attributes } };
}
