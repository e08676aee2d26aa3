import assert from "node:assert/strict";
import { test } from "node:test";
import { binaryCloudEvent } from "./cloud-event.ts";
import { eventTriggerOf, triggerMaskOf, triggerText } from "./event-trigger.ts";

const EVENT = { id: "1", source: "//here", type: "a.b", subject: "naïve 100%", count: 2, data: { a: [1] } };

test("a CloudEvent in JSON becomes a binary mode request", () => {
  const { headers, body } = binaryCloudEvent(JSON.stringify(EVENT));
  assert.deepEqual(headers, {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "//here",
    "ce-type": "a.b",
    "ce-subject": "na%C3%AFve%20100%25",
    "ce-count": "2",
    "content-type": "application/json",
  });
  assert.equal(body, '{"a":[1]}');
});

test("data may be text or bytes of any type", () => {
  const text = binaryCloudEvent(JSON.stringify({ ...EVENT, data: "hi", datacontenttype: "text/plain" }));
  assert.deepEqual([text.headers["content-type"], text.body], ["text/plain", "hi"]);
  const bytes = binaryCloudEvent(JSON.stringify({ ...EVENT, data: undefined, data_base64: "aGk=" }));
  assert.deepEqual(bytes.body, Buffer.from("hi"));
  assert.equal(binaryCloudEvent(JSON.stringify({ ...EVENT, data: undefined })).body, "");
});

test("what is no CloudEvent is refused", () => {
  for (const [text, reason] of [
    ["{", /wants a CloudEvent as a JSON object/],
    ["[]", /wants a CloudEvent as a JSON object/],
    ['{"id":"1"}', /no source, no type/],
  ] as const)
    assert.throws(() => binaryCloudEvent(text), reason);
});

test("trigger flags mean what gcloud's mean", () => {
  const topic = eventTriggerOf("demo", { triggerTopic: "orders", retry: true });
  assert.deepEqual(topic, {
    eventType: "google.cloud.pubsub.topic.v1.messagePublished",
    pubsubTopic: "projects/demo/topics/orders",
    retryPolicy: "RETRY_POLICY_RETRY",
  });
  assert.equal(triggerText(topic), "topic: orders");
  const bucket = eventTriggerOf("demo", { triggerBucket: "gs://photos/", triggerLocation: "us", retry: false });
  assert.equal(triggerText(bucket), "bucket: photos");
  assert.deepEqual([bucket?.triggerRegion, bucket?.retryPolicy], ["us", "RETRY_POLICY_DO_NOT_RETRY"]);
  const filters = eventTriggerOf("demo", {
    triggerEventFilters: "type=google.cloud.audit.log.v1.written,serviceName=storage.googleapis.com",
    triggerEventFiltersPathPattern: "resourceName=/projects/_/buckets/*",
  });
  assert.deepEqual(filters?.eventFilters, [
    { attribute: "serviceName", value: "storage.googleapis.com" },
    { attribute: "resourceName", value: "/projects/_/buckets/*", operator: "match-path-pattern" },
  ]);
  assert.equal(triggerText(undefined), "HTTP");
});

test("an update changes of the trigger what the flags name", () => {
  assert.deepEqual(triggerMaskOf({}), []);
  assert.deepEqual(triggerMaskOf({ retry: false }), ["eventTrigger.retryPolicy"]);
  assert.deepEqual(triggerMaskOf({ triggerHttp: true }), ["eventTrigger"]);
  assert.deepEqual(triggerMaskOf({ triggerTopic: "t", retry: true }), ["eventTrigger"]);
  assert.throws(() => eventTriggerOf("demo", { triggerTopic: "t", triggerBucket: "b" }), /give one of/);
  assert.throws(() => eventTriggerOf("demo", { triggerEventFilters: "a=b" }), /needs type=TYPE/);
});
