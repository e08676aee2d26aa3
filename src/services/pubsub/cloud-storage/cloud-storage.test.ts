import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PassThrough } from "node:stream";
import avsc from "avsc";
import type { BootedApi } from "../../../../tests/support/boot-api.ts";
import { bootPubsubWithStorage } from "../../../../tests/support/boot-pubsub.ts";
import { until } from "../../../../tests/support/until.ts";
import { createManualClock, type ManualClock } from "../../../platform/manual-clock.ts";

type Json = Record<string, unknown>;

const PROJECT = "projects/demo";
const SCHEMA = {
  type: "record",
  name: "Reading",
  fields: [
    { name: "room", type: "string" },
    { name: "degrees", type: ["null", "double"] },
  ],
};

describe("Cloud Storage subscriptions", () => {
  let api: BootedApi;
  let clock: ManualClock;
  let count = 0;
  before(async () => {
    clock = createManualClock();
    api = await bootPubsubWithStorage(clock);
    await call("POST", "/storage/v1/b?project=demo", { name: "files" });
  });
  after(() => api[Symbol.asyncDispose]());

  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, path, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const subscribe = async (
    config: Json,
    { topic = {}, subscription = {} }: { topic?: Json; subscription?: Json } = {},
  ) => {
    const id = `s${++count}x`;
    await call("PUT", `/v1/${PROJECT}/topics/${id}`, topic);
    const cloudStorageConfig = { bucket: "files", filenamePrefix: `${id}/`, ...config };
    const fields = { topic: `${PROJECT}/topics/${id}`, cloudStorageConfig, ...subscription };
    await call("PUT", `/v1/${PROJECT}/subscriptions/${id}`, fields);
    return id;
  };
  const publish = (id: string, ...messages: { data: string; attributes?: Json; orderingKey?: string }[]) => {
    const encoded = messages.map((message) => ({ ...message, data: Buffer.from(message.data).toString("base64") }));
    return call("POST", `/v1/${PROJECT}/topics/${id}:publish`, { messages: encoded });
  };
  const names = async (id: string) => {
    const { items = [] } = (await call("GET", `/storage/v1/b/files/o?prefix=${id}/`)) as { items?: { name: string }[] };
    return items.map(({ name }) => name);
  };
  const read = async (name: string) => {
    const response = await fetch(`${api.url}/download/storage/v1/b/files/o/${encodeURIComponent(name)}?alt=media`);
    return Buffer.from(await response.arrayBuffer());
  };
  const backlog = async (id: string) => {
    const body = { maxMessages: 10, returnImmediately: true };
    const { receivedMessages = [] } = await call("POST", `/v1/${PROJECT}/subscriptions/${id}:pull`, body);
    return (receivedMessages as Json[]).length;
  };
  /** Moves time on now and then: not while what fell due is still under way. */
  const stepper = (stepMs: number) => {
    let polls = 0;
    return () => (polls++ % 50 === 0 ? clock.advance(stepMs) : undefined);
  };
  /** Files of a subscription, once time has moved on so far that there are some. */
  const written = (id: string, stepMs = 61_000) => {
    const step = stepper(stepMs);
    return until(async () => {
      step();
      const found = await names(id);
      return found.length > 0 && found;
    });
  };
  const stateOf = async (id: string) => {
    const { state, cloudStorageConfig } = await call("GET", `/v1/${PROJECT}/subscriptions/${id}`);
    return [state, (cloudStorageConfig as Json)["state"]];
  };

  test("text: payloads line by line, in a file that is written when its time is over, and then acknowledged", async () => {
    const id = await subscribe({
      maxDuration: "60s",
      filenameSuffix: ".txt",
      filenameDatetimeFormat: "YYYY-MM-DD/hh_mm_ssZ",
    });
    await publish(id, { data: "one", attributes: { a: "b" } }, { data: "two" });
    await publish(id, { data: "three" });
    const [name, ...others] = await written(id);
    assert.deepEqual(others, []);
    assert.match(name!, new RegExp(`^${id}/2026-01-01/\\d\\d_\\d\\d_\\d\\dZ_[0-9a-f-]{36}\\.txt$`));
    assert.equal((await read(name!)).toString(), "one\ntwo\nthree");
    assert.deepEqual(await stateOf(id), ["ACTIVE", "ACTIVE"]);
    await call("POST", `/v1/${PROJECT}/subscriptions/${id}:modifyPushConfig`, { pushConfig: {} });
    clock.advance(700_000);
    assert.equal((await names(id)).length, 1);
  });

  test("a file that is full is written at once", async () => {
    const id = await subscribe({ maxMessages: "1000" });
    await publish(id, ...Array.from({ length: 1000 }, (_, n) => ({ data: String(n) })));
    const [name] = await written(id, 0);
    assert.equal((await read(name!)).toString().split("\n").length, 1000);
  });

  test("avro: the bare data, or with what is known of the message", async () => {
    const bare = await subscribe({ avroConfig: {}, maxDuration: "60s" });
    await publish(bare, { data: "hello" });
    const [file] = await written(bare);
    const { schema, values } = await decode(await read(file!));
    assert.deepEqual(schema["fields"], [{ name: "data", type: "bytes" }]);
    assert.deepEqual([schema["namespace"], schema["name"]], ["com.google.pubsub", "PubsubMessage"]);
    assert.deepEqual(values, [{ data: Buffer.from("hello") }]);

    const told = await subscribe({ avroConfig: { writeMetadata: true }, maxDuration: "60s" });
    const { messageIds } = await publish(told, { data: "hello", attributes: { kind: "test" }, orderingKey: "k" });
    const [other] = await written(told);
    const [value] = (await decode(await read(other!))).values as Json[];
    assert.equal(typeof value?.["publish_time"], "number");
    assert.deepEqual(
      { ...value, publish_time: 0 },
      {
        subscription_name: `${PROJECT}/subscriptions/${told}`,
        message_id: (messageIds as string[])[0],
        publish_time: 0,
        attributes: { kind: "test", ordering_key: "k" },
        data: Buffer.from("hello"),
      },
    );
  });

  test("avro: by the topic's schema, whichever way messages are encoded", async () => {
    const definition = { type: "AVRO", definition: JSON.stringify(SCHEMA) };
    await call("POST", `/v1/${PROJECT}/schemas?schemaId=reading`, definition);
    const schemaSettings = { schema: `${PROJECT}/schemas/reading`, encoding: "JSON" };
    const config = { avroConfig: { useTopicSchema: true, writeMetadata: true }, maxDuration: "60s" };
    const id = await subscribe(config, { topic: { schemaSettings } });
    await publish(
      id,
      { data: '{"room":"kitchen","degrees":{"double":21.5}}' },
      { data: '{"room":"attic","degrees":null}' },
    );
    const [file] = await written(id);
    const values = (await decode(await read(file!))).values as Json[];
    assert.deepEqual(
      values.map(({ room, degrees }) => [room, degrees]),
      [
        ["kitchen", 21.5],
        ["attic", null],
      ],
    );
    assert.equal(values[0]?.["subscription_name"], `${PROJECT}/subscriptions/${id}`);
  });

  test("says when it cannot write, and writes when it can again", async () => {
    const id = await subscribe({ bucket: "later", maxDuration: "60s" });
    await publish(id, { data: "patient" });
    await until(async () => (await stateOf(id))[1] === "NOT_FOUND");
    assert.equal((await stateOf(id))[0], "RESOURCE_ERROR");
    await call("POST", "/storage/v1/b?project=demo", { name: "later" });
    const step = stepper(61_000);
    const found = await until(async () => {
      step();
      const { items } = (await call("GET", `/storage/v1/b/later/o`)) as { items?: { name: string }[] };
      return items;
    });
    assert.equal(found.length, 1);
    await until(async () => (await stateOf(id))[1] === "ACTIVE");
    assert.equal(await backlog(id).catch(() => 0), 0);
  });
});

async function decode(file: Buffer): Promise<{ schema: Json; values: unknown[] }> {
  let schema: Json = {};
  const parseHook = (written: avsc.Schema) => {
    schema = written as Json;
    return avsc.Type.forSchema(written);
  };
  const decoder = new avsc.streams.BlockDecoder({ parseHook });
  const values: unknown[] = [];
  const input = new PassThrough();
  input.pipe(decoder);
  input.end(file);
  for await (const value of decoder) {
    values.push({ ...(value as Json) });
  }
  return { schema, values };
}
