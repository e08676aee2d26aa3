import assert from "node:assert/strict";
import { test } from "node:test";
import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  PubsubMessageSchema,
  PullResponseSchema,
  StreamingPullResponseSchema,
  SubscriptionSchema,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { encodingOf } from "../../../wire/grpc/encoded.ts";
import { encodeMessage } from "./encode-message.ts";
import { LazyLeasedMessage } from "./leased-message.ts";
import { pullResponse, streamResponse } from "./received.ts";

const message = create(PubsubMessageSchema, {
  data: new Uint8Array(300).fill(7),
  attributes: { "": "", key: "välue", other: "x".repeat(200) },
  orderingKey: "schlüssel",
});
const leased = [1, 300].map(
  (seq) =>
    new LazyLeasedMessage({
      ackId: `ack-${seq}`,
      deliveryAttempt: seq,
      log: 3,
      seq,
      publishTimeMs: 1_767_225_600_123,
      published: encodeMessage(message),
    }),
);

test("a message is encoded as the protocol buffers library does it", () => {
  assert.ok(equals(PubsubMessageSchema, fromBinary(PubsubMessageSchema, encodeMessage(message)), message));
});

test("what gRPC is sent and what is read of an answer are the same", () => {
  for (const deadLetterPolicy of [undefined, { deadLetterTopic: "t" }]) {
    const init = { enableExactlyOnceDelivery: true, enableMessageOrdering: true };
    const subscription = create(SubscriptionSchema, { ...init, ...(deadLetterPolicy && { deadLetterPolicy }) });
    const pulled = pullResponse(leased, subscription);
    assert.ok(
      equals(
        PullResponseSchema,
        fromBinary(PullResponseSchema, encodingOf(pulled)!),
        fromBinary(PullResponseSchema, toBinary(PullResponseSchema, pulled)),
      ),
    );
    const streamed = streamResponse(leased, subscription);
    const read = fromBinary(StreamingPullResponseSchema, encodingOf(streamed)!);
    const decoded = fromBinary(StreamingPullResponseSchema, toBinary(StreamingPullResponseSchema, streamed));
    assert.ok(equals(StreamingPullResponseSchema, read, decoded));
    const [first, second] = read.receivedMessages;
    assert.equal(first!.message!.messageId, "3000000000001");
    assert.deepEqual(first!.message!.publishTime?.nanos, 123_000_000);
    assert.equal(second!.deliveryAttempt, deadLetterPolicy ? 300 : 0);
    assert.deepEqual(read.subscriptionProperties?.exactlyOnceDeliveryEnabled, true);
  }
});
