import { publishTimeOf, type Pushed, pushedBody } from "../pushed-body.ts";
import type { CloudEvent } from "./cloud-event.ts";

/**
 * google.cloud.pubsub.topic.v1.messagePublished of a topic ("projects/P/topics/T"); its data is the body of an ordinary push.
 * Google: google-cloudevents, google/events/cloud/pubsub/v1/data.proto, MessagePublishedData.
 */
export function messagePublishedEvent(topic: string, pushed: Pushed): CloudEvent {
  return {
    attributes: {
      id: pushed.message.messageId,
      source: `//pubsub.googleapis.com/${topic}`,
      specversion: "1.0",
      time: publishTimeOf(pushed.message),
      type: "google.cloud.pubsub.topic.v1.messagePublished",
    },
    contentType: "application/json",
    data: pushedBody(pushed),
  };
}
