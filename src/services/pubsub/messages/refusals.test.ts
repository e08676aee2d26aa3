import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { pubsub } from "../module.ts";

type Json = Record<string, unknown>;

const TOPIC = "/v1/projects/demo/topics/news";
const SUBSCRIPTION = "/v1/projects/demo/subscriptions/reader";
const DATA = btoa("x");

test("what is too large, too many or empty is not published", async () => {
  await using api = await bootApi((deps) => [pubsub(deps)]);
  await api.json("PUT", TOPIC, {});
  const many = Array.from({ length: 101 }, (_, index) => [`key${index}`, "value"]);
  const cases: readonly (readonly [Json[], RegExp])[] = [
    [[], /batch_size is too small/],
    [[{}], /messages in the publish request is empty/],
    [Array.from({ length: 1001 }, () => ({ data: DATA })), /batch_size is too large. You passed 1001 .* is 1000/],
    [[{ data: Buffer.alloc(10_000_001).toString("base64") }], /request_size is too large/],
    [[{ data: DATA, attributes: Object.fromEntries(many) }], /attributes_count is too large. You passed 101/],
    [[{ data: DATA, attributes: { "": "x" } }], /attribute_key_size is too small/],
    [[{ data: DATA, attributes: { ["ä".repeat(129)]: "x" } }], /attribute_key_size is too large. You passed 258/],
    [[{ data: DATA, attributes: { key: "x".repeat(1025) } }], /attribute_value_size is too large/],
    [[{ data: DATA, attributes: { googKey: "x" } }], /googKey is reserved/],
    [[{ data: DATA, orderingKey: "x".repeat(1025) }], /ordering_key_size is too large/],
  ];
  for (const [messages, wording] of cases) {
    const { status, body } = await api.json("POST", `${TOPIC}:publish`, { messages });
    assert.equal(status, 400, String(wording));
    assert.match((body["error"] as { message: string }).message, wording);
  }
  const largest = { data: Buffer.alloc(9_999_000).toString("base64"), attributes: { googclient_traceparent: "00-1" } };
  assert.equal((await api.json("POST", `${TOPIC}:publish`, { messages: [largest] })).status, 200);
  assert.equal((await api.json("POST", `${TOPIC}s:publish`, { messages: [largest] })).status, 404);
});

test("requests of subscribers that make no sense are refused in Google's words", async () => {
  await using api = await bootApi((deps) => [pubsub(deps)]);
  await api.json("PUT", TOPIC, {});
  await api.json("PUT", SUBSCRIPTION, { topic: "projects/demo/topics/news" });
  const cases: readonly (readonly [string, Json, number, RegExp])[] = [
    [":pull", { maxMessages: 0 }, 400, /max_messages is too small/],
    ["s:pull", { maxMessages: 1 }, 404, /Resource not found/],
    [":acknowledge", {}, 400, /No ack ids specified/],
    [":acknowledge", { ackIds: ["x"] }, 400, /You have passed an invalid ack ID to the service \(ack_id=x\)/],
    ["s:acknowledge", { ackIds: ["x"] }, 404, /Resource not found/],
    [":modifyAckDeadline", { ackIds: ["x"], ackDeadlineSeconds: 601 }, 400, /ack_deadline_seconds is too large/],
    [":modifyAckDeadline", { ackIds: ["x"], ackDeadlineSeconds: -1 }, 400, /ack_deadline_seconds is too small/],
    [":seek", {}, 400, /No target was specified/],
    [":seek", { snapshot: "projects/demo/snapshots/none" }, 404, /Resource not found/],
  ];
  for (const [path, body, status, wording] of cases) {
    const answer = await api.json("POST", `${SUBSCRIPTION}${path}`, body);
    assert.equal(answer.status, status, path);
    assert.match((answer.body["error"] as { message: string }).message, wording);
  }
});
