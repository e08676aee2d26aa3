import { create } from "@bufbuild/protobuf";
import {
  type PullResponse,
  PullResponseSchema,
  type ReceivedMessage,
  ReceivedMessageSchema,
  type StreamingPullResponse,
  StreamingPullResponseSchema,
  type Subscription,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { withEncoding } from "../../../wire/grpc/encoded.ts";
import type { LeasedMessage } from "./engine.ts";
import { LazyLeasedMessage } from "./leased-message.ts";
import { varint } from "./message-bytes.ts";

/** Tags of length-delimited fields: number * 8 + 2. */
const [RECEIVED_MESSAGES, ACK_ID, MESSAGE, SUBSCRIPTION_PROPERTIES] = [0x0a, 0x0a, 0x12, 0x22];
const [DELIVERY_ATTEMPT, EXACTLY_ONCE, ORDERED] = [0x18, 0x08, 0x10];

/**
 * Deliveries as Pull answers them. gRPC gets the messages' bytes as they were stored; who looks into the answer gets them
 * decoded. Attempts are said for subscriptions with a dead letter policy only.
 */
export function pullResponse(leased: readonly LeasedMessage[], subscription: Subscription): PullResponse {
  return lazily(create(PullResponseSchema), leased, subscription, Buffer.alloc(0));
}

/** The same on a stream, with what the subscription is. */
export function streamResponse(leased: readonly LeasedMessage[], subscription: Subscription): StreamingPullResponse {
  const { enableExactlyOnceDelivery, enableMessageOrdering } = subscription;
  const subscriptionProperties = {
    exactlyOnceDeliveryEnabled: enableExactlyOnceDelivery,
    messageOrderingEnabled: enableMessageOrdering,
  };
  const properties = [
    ...(enableExactlyOnceDelivery ? [EXACTLY_ONCE, 1] : []),
    ...(enableMessageOrdering ? [ORDERED, 1] : []),
  ];
  const encoded = Buffer.from([SUBSCRIPTION_PROPERTIES, properties.length, ...properties]);
  return lazily(create(StreamingPullResponseSchema, { subscriptionProperties }), leased, subscription, encoded);
}

function lazily<Response extends PullResponse | StreamingPullResponse>(
  response: Response,
  leased: readonly LeasedMessage[],
  subscription: Subscription,
  rest: Buffer,
): Response {
  const counts = subscription.deadLetterPolicy !== undefined;
  let decoded: ReceivedMessage[] | undefined;
  Object.defineProperty(response, "receivedMessages", {
    enumerable: true,
    configurable: true,
    get: () => (decoded ??= leased.map((each) => received(each, counts))),
  });
  return withEncoding(response, Buffer.concat([...leased.flatMap((each) => encode(each, counts)), rest]));
}

function received({ ackId, message, deliveryAttempt }: LeasedMessage, counts: boolean): ReceivedMessage {
  return create(ReceivedMessageSchema, { ackId, message, ...(counts && { deliveryAttempt }) });
}

/** One element of received_messages, in pieces. */
function encode(leased: LeasedMessage, counts: boolean): Buffer[] {
  const message =
    leased instanceof LazyLeasedMessage ? [leased.published, leased.added] : [Buffer.from(leased.encoded)];
  const messageBytes = message.reduce((sum, { length }) => sum + length, 0);
  const ackId = Buffer.from(leased.ackId, "latin1");
  const attempt = counts ? [DELIVERY_ATTEMPT, ...varint(leased.deliveryAttempt)] : [];
  const head = [ACK_ID, ...varint(ackId.length)];
  const middle = [MESSAGE, ...varint(messageBytes)];
  const bytes = head.length + ackId.length + middle.length + messageBytes + attempt.length;
  return [
    Buffer.from([RECEIVED_MESSAGES, ...varint(bytes), ...head]),
    ackId,
    Buffer.from(middle),
    ...message,
    ...(counts ? [Buffer.from(attempt)] : []),
  ];
}
