import { createHash } from "node:crypto";
import type { ResourceName } from "../names.ts";

/** Full name of the topic that Eventarc makes for a trigger: eventarc-REGION-TRIGGER-NNN, the number from the uid. */
export function topicNameOf({ project, location, id }: ResourceName, uid: string): string {
  return `projects/${project}/topics/eventarc-${location}-${id}-${numberOf("topic", uid)}`;
}

/** Full name of the subscription that Eventarc makes for a trigger: eventarc-REGION-TRIGGER-sub-NNN. */
export function subscriptionNameOf({ project, location, id }: ResourceName, uid: string): string {
  return `projects/${project}/subscriptions/eventarc-${location}-${id}-sub-${numberOf("subscription", uid)}`;
}

/** Full name of the topic that Eventarc makes for a channel: eventarc-channel-REGION-CHANNEL-NNN. */
export function channelTopicNameOf({ project, location, id }: ResourceName, uid: string): string {
  return `projects/${project}/topics/eventarc-channel-${location}-${id}-${numberOf("channel", uid)}`;
}

/** Labels by which topics and subscriptions tell whose they are, as Google sets them. */
export function labelsOf(location: string, uid: string): Record<string, string> {
  return { "goog-eventarc": "", "goog-drz-eventarc-location": location, "goog-drz-eventarc-uuid": uid };
}

/** Three digits, so that a trigger that is made again does not find what is left of the one before. */
function numberOf(what: string, uid: string): number {
  const digest = createHash("sha256").update(`${what}/${uid}`).digest();
  return 100 + (digest.readUInt32BE() % 900);
}
