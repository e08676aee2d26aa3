import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type PubsubMessage, PushConfigSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { pushContent } from "./push-request.ts";
import { sampleMessage } from "./testing/memory-deliveries.ts";

const SUBSCRIPTION = "projects/test-project/subscriptions/my-subscription";
const ENDPOINT = "https://example.com/push";
const UNAUTHENTICATED = {
  accept: "application/json",
  "accept-encoding": "gzip, deflate, br",
  from: "noreply@google.com",
  "user-agent": "CloudPubSub-Google",
};

describe("what is pushed", () => {
  test("Google's JSON names ids and times twice, and leaves out what is empty", () => {
    const message = sampleMessage("136969346945", {
      data: Buffer.from("hello\xff", "latin1"),
      attributes: { key: "value" },
      orderingKey: "order",
    });
    const { headers, body } = push({ message, deliveryAttempt: 5 });
    assert.deepEqual(headers, { ...UNAUTHENTICATED, "content-type": "application/json" });
    assert.deepEqual(JSON.parse(String(body)), {
      deliveryAttempt: 5,
      message: {
        attributes: { key: "value" },
        data: "aGVsbG//",
        messageId: "136969346945",
        message_id: "136969346945",
        orderingKey: "order",
        publishTime: "2023-11-14T22:13:20.123Z",
        publish_time: "2023-11-14T22:13:20.123Z",
      },
      subscription: SUBSCRIPTION,
    });
    const empty = push({ message: sampleMessage("1", { data: new Uint8Array() }) });
    assert.deepEqual(Object.keys((JSON.parse(String(empty.body)) as { message: object }).message), [
      "messageId",
      "message_id",
      "publishTime",
      "publish_time",
    ]);
  });

  test("without a wrapper the data is the body, and only with metadata do headers tell of the message", () => {
    const message = sampleMessage("7", {
      data: Buffer.from([0, 255]),
      attributes: {
        "Content-Type": "application/json",
        tenant: "a b",
        host: "evil",
        "x-goog-x": "y",
        "bad name": "z",
        nl: "a\nb",
      },
      orderingKey: "some-key",
    });
    const bare = push({ message, wrapper: { writeMetadata: false } });
    assert.deepEqual(bare, { headers: UNAUTHENTICATED, body: message.data });
    const told = push({ message, wrapper: { writeMetadata: true } });
    assert.deepEqual(told.headers, {
      ...UNAUTHENTICATED,
      "content-type": "application/json",
      tenant: "a b",
      "x-goog-pubsub-subscription-name": SUBSCRIPTION,
      "x-goog-pubsub-message-id": "7",
      "x-goog-pubsub-publish-time": "2023-11-14T22:13:20.123Z",
      "x-goog-pubsub-ordering-key": "some-key",
    });
  });

  test("an authenticated push has the name of Google's other fetcher", () => {
    const config = create(PushConfigSchema, {
      pushEndpoint: ENDPOINT,
      authenticationMethod: { case: "oidcToken", value: { serviceAccountEmail: "a@p.iam.gserviceaccount.com" } },
    });
    const pushed = { subscription: SUBSCRIPTION, message: sampleMessage("1"), deliveryAttempt: undefined };
    assert.match(pushContent(config, pushed).headers["user-agent"]!, /^APIs-Google; /);
  });
});

interface Options {
  readonly message: PubsubMessage;
  readonly deliveryAttempt?: number;
  readonly wrapper?: { readonly writeMetadata: boolean };
}

function push({ message, deliveryAttempt, wrapper }: Options) {
  const config = create(PushConfigSchema, {
    pushEndpoint: ENDPOINT,
    ...(wrapper && { wrapper: { case: "noWrapper", value: wrapper } }),
  });
  return pushContent(config, { subscription: SUBSCRIPTION, message, deliveryAttempt });
}
