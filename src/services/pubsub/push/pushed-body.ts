import type { PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";

/** What a push is about. */
export interface Pushed {
  /** Full name. */
  readonly subscription: string;
  readonly message: PubsubMessage;
  /** Counts deliveries from 1; only subscriptions with a dead-letter policy tell. */
  readonly deliveryAttempt: number | undefined;
}

/** Headers and body of a POST; names are in lower case. */
export interface PushContent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * The JSON of a push request, whose message carries ids and times under both of their names. Google: Pub/Sub, "Push
 * subscriptions", receive messages; fields that are empty are left out.
 */
export function pushedBody({ subscription, message, deliveryAttempt }: Pushed): string {
  const publishTime = publishTimeOf(message);
  return JSON.stringify({
    ...(deliveryAttempt !== undefined && { deliveryAttempt }),
    message: {
      ...(Object.keys(message.attributes).length > 0 && { attributes: message.attributes }),
      ...(message.data.length > 0 && { data: base64(message.data) }),
      messageId: message.messageId,
      message_id: message.messageId,
      ...(message.orderingKey !== "" && { orderingKey: message.orderingKey }),
      publishTime,
      publish_time: publishTime,
    },
    subscription,
  });
}

/** When a message was published, RFC 3339 with as many digits as are needed, at least milliseconds: "2026-01-02T03:04:05.678Z". */
export function publishTimeOf({ publishTime }: PubsubMessage): string {
  const { seconds = 0n, nanos = 0 } = publishTime ?? {};
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanos)
    .padStart(9, "0")
    .replace(/(000)?(000)?$/, "");
  return `${whole}.${fraction === "" ? "000" : fraction}Z`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
