import assert from "node:assert/strict";
import { test } from "node:test";
import { type BootedApi, bootApi } from "../../../../tests/support/boot-api.ts";
import { outboxIsEmpty, recordPublishes, type RecordedPublish } from "../../../../tests/support/recorded-publishes.ts";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { storage } from "../module.ts";

type Json = Record<string, unknown>;
interface Told extends RecordedPublish {
  readonly payload: Json | undefined;
}

/** A server of Cloud Storage, and what comes to Pub/Sub. */
async function boot() {
  const pubsub = recordPublishes();
  const api = await bootApi((deps) => [pubsub.module, storage({ ...deps, publicKeysOf: async () => [] })]);
  await api.json("POST", "/storage/v1/b?project=demo", { name: "things" });
  const settled = async (): Promise<Told[]> => {
    await outboxIsEmpty(api, "storage_outbox");
    return pubsub.take().map((each) => ({ ...each, payload: each.data ? (JSON.parse(each.data) as Json) : undefined }));
  };
  return { api, settled, failNext: pubsub.failNext, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

const CONFIGS = "/storage/v1/b/things/notificationConfigs";
const TOPIC = "//pubsub.googleapis.com/projects/demo/topics/changes";

async function upload(api: BootedApi, name: string, content = "content", query = ""): Promise<Json> {
  const url = `${api.url}/upload/storage/v1/b/things/o?uploadType=media&name=${encodeURIComponent(name)}${query}`;
  const response = await fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body: content });
  return (await response.json()) as Json;
}

test("configurations are made, listed, got and deleted, and move the bucket's metageneration", async () => {
  await using world = await boot();
  const { api } = world;
  const asked = {
    topic: TOPIC,
    payload_format: "JSON_API_V1",
    event_types: ["OBJECT_DELETE", "OBJECT_FINALIZE", "OBJECT_UNHEARD_OF"],
    custom_attributes: { team: "blue" },
    object_name_prefix: "in/",
  };
  const made = await api.json("POST", CONFIGS, asked);
  const expected = {
    kind: "storage#notification",
    selfLink: "https://www.googleapis.com/storage/v1/b/things/notificationConfigs/1",
    id: "1",
    topic: TOPIC,
    event_types: ["OBJECT_FINALIZE", "OBJECT_DELETE"],
    custom_attributes: { team: "blue" },
    etag: "1",
    object_name_prefix: "in/",
    payload_format: "JSON_API_V1",
  };
  assert.deepEqual(made.body, expected);
  const second = await api.json("POST", CONFIGS, { topic: "projects/demo/topics/changes", payload_format: "NONE" });
  assert.deepEqual([second.body["id"], second.body["topic"]], ["2", TOPIC]);
  assert.deepEqual((await api.json("GET", `${CONFIGS}/1`)).body, expected);
  const listed = await api.json("GET", CONFIGS);
  assert.deepEqual(listed.body, { kind: "storage#notifications", items: [expected, second.body] });
  assert.equal((await api.json("GET", "/storage/v1/b/things")).body["metageneration"], "3");
  assert.equal((await api.json("DELETE", `${CONFIGS}/1`)).status, 204);
  const gone = await api.json("GET", `${CONFIGS}/1`);
  assert.deepEqual([gone.status, messageOf(gone.body)], [404, "The requested resource was not found."]);
  assert.equal((await api.json("DELETE", `${CONFIGS}/1`)).status, 404);
  assert.equal((await api.json("GET", "/storage/v1/b/other/notificationConfigs")).status, 404);
  await api.json("PATCH", "/storage/v1/b/things", { labels: { a: "b" } });
  assert.deepEqual((await api.json("GET", CONFIGS)).body["items"], [second.body]);
});

test("configurations that Cloud Storage does not take are refused in its words", async () => {
  await using world = await boot();
  const refusal = async (asked: Json) => {
    const answer = await world.api.json("POST", CONFIGS, { topic: TOPIC, payload_format: "NONE", ...asked });
    return [answer.status, messageOf(answer.body)];
  };
  assert.deepEqual(await refusal({ payload_format: "XML" }), [
    400,
    "You must specify a payload format in the 'payload_format' field.",
  ]);
  assert.deepEqual(await refusal({ topic: "changes" }), [
    400,
    "Invalid Google Cloud Pub/Sub topic. It should look like '//pubsub.googleapis.com/projects/*/topics/*.'",
  ]);
  const agent = `service-${projectNumberOf("demo")}@gs-project-accounts.iam.gserviceaccount.com`;
  assert.deepEqual(await refusal({ topic: "projects/demo/topics/missing" }), [
    400,
    `Cloud Pub/Sub topic '//pubsub.googleapis.com/projects/demo/topics/missing' not found, or user '${agent}' does not have permission to it.`,
  ]);
  const six = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((key) => [key, "v"]));
  assert.deepEqual(await refusal({ custom_attributes: six }), [
    400,
    "Maximum of 5 custom attributes, notification config had 6",
  ]);
  assert.equal((await refusal({ custom_attributes: { [`k${"x".repeat(256)}`]: "" } }))[0], 400);
  assert.equal((await refusal({ custom_attributes: { k: "x".repeat(1025) } }))[0], 400);
  for (let count = 0; count < 10; count++) assert.equal((await refusal({ event_types: ["OBJECT_DELETE"] }))[0], 200);
  assert.deepEqual(await refusal({}), [400, "Too many overlapping notifications. The maximum is 10."]);
  assert.equal((await refusal({ event_types: ["OBJECT_FINALIZE"] }))[0], 200);
});

test("an object's life is told with Google's attributes and payload", async () => {
  await using world = await boot();
  const { api, settled } = world;
  await upload(api, "before");
  assert.deepEqual(await settled(), []);
  await api.json("POST", CONFIGS, { topic: TOPIC, payload_format: "JSON_API_V1", custom_attributes: { team: "blue" } });

  const first = await upload(api, "a/b c");
  const [finalized] = await settled();
  const { eventTime, ...attributes } = finalized!.attributes;
  assert.deepEqual(attributes, {
    team: "blue",
    notificationConfig: "projects/_/buckets/things/notificationConfigs/1",
    eventType: "OBJECT_FINALIZE",
    payloadFormat: "JSON_API_V1",
    bucketId: "things",
    objectId: "a/b c",
    objectGeneration: first["generation"],
  });
  assert.ok(Math.abs(Date.parse(eventTime!) - Date.parse(first["updated"] as string)) < 5_000);
  const host = { selfLink: "https://www.googleapis.com", mediaLink: "https://storage.googleapis.com" };
  const links = Object.entries(host).map(([link, origin]) => [
    link,
    (first[link] as string).replace(/^.*?(?=\/(storage|download)\/)/, origin),
  ]);
  assert.deepEqual(finalized!.payload, { ...first, ...Object.fromEntries(links) });
  assert.equal(finalized!.topic, "projects/demo/topics/changes");
  assert.equal(finalized!.publisher, `service-${projectNumberOf("demo")}@gs-project-accounts.iam.gserviceaccount.com`);

  const second = await upload(api, "a/b c", "more");
  const overwritten = await settled();
  assert.deepEqual(overwritten.map(summary), [
    ["OBJECT_DELETE", "a/b c", first["generation"], second["generation"]],
    ["OBJECT_FINALIZE", "a/b c", second["generation"], first["generation"]],
  ]);
  assert.ok(overwritten[0]!.payload!["timeDeleted"]);
  const path = "/storage/v1/b/things/o/a%2Fb%20c";
  await api.json("PATCH", path, { metadata: { k: "v" } });
  const [updated] = await settled();
  assert.deepEqual(summary(updated!), ["OBJECT_METADATA_UPDATE", "a/b c", second["generation"], undefined]);
  assert.deepEqual(updated!.payload!["metadata"], { k: "v" });
  await api.json("DELETE", path);
  assert.deepEqual((await settled()).map(summary), [["OBJECT_DELETE", "a/b c", second["generation"], undefined]]);
});

test("with versioning what is replaced or deleted is archived, and only old generations are deleted", async () => {
  await using world = await boot();
  const { api, settled } = world;
  await api.json("PATCH", "/storage/v1/b/things", { versioning: { enabled: true } });
  await api.json("POST", CONFIGS, { topic: TOPIC, payload_format: "NONE" });
  const first = (await upload(api, "a"))["generation"];
  const second = (await upload(api, "a"))["generation"];
  await api.json("DELETE", "/storage/v1/b/things/o/a");
  await api.json("DELETE", `/storage/v1/b/things/o/a?generation=${first as string}`);
  const told = await settled();
  assert.deepEqual(told.map(summary), [
    ["OBJECT_FINALIZE", "a", first, undefined],
    ["OBJECT_ARCHIVE", "a", first, second],
    ["OBJECT_FINALIZE", "a", second, first],
    ["OBJECT_ARCHIVE", "a", second, undefined],
    ["OBJECT_DELETE", "a", first, undefined],
  ]);
  assert.ok(told.every(({ payload, attributes }) => !payload && attributes["payloadFormat"] === "NONE"));
});

test("every way to change an object is told, and configurations choose by type and prefix", async () => {
  await using world = await boot();
  const { api, settled } = world;
  await api.json("POST", CONFIGS, { topic: TOPIC, payload_format: "NONE", event_types: ["OBJECT_FINALIZE"] });
  const deletions = { topic: `${TOPIC}-of-m`, payload_format: "NONE", event_types: ["OBJECT_DELETE"] };
  await api.json("POST", CONFIGS, { ...deletions, object_name_prefix: "m" });
  const object = "/storage/v1/b/things/o";
  await upload(api, "json");
  const start = `${api.url}/upload/storage/v1/b/things/o?uploadType=resumable&name=resumable`;
  const session = await fetch(start, { method: "POST" });
  await fetch(session.headers.get("location")!, { method: "PUT", body: "resumed" });
  await fetch(`${api.url}/things/xml`, { method: "PUT", body: "xml", headers: { host: "storage.googleapis.com" } });
  await api.json("POST", `${object}/json/copyTo/b/things/o/copied`, {});
  await api.json("POST", `${object}/json/rewriteTo/b/things/o/rewritten`, {});
  await api.json("POST", `${object}/composed/compose`, { sourceObjects: [{ name: "json" }, { name: "xml" }] });
  await api.json("POST", `${object}/json/moveTo/o/moved`, {});
  await api.json("POST", `${object}/moved/moveTo/o/moved-again`, {});
  const client = api.api.deps.clients.of(Storage, { kind: "owner" });
  const bucket = "projects/_/buckets/things";
  await client.rewriteObject({
    destinationBucket: bucket,
    destinationName: "grpc",
    sourceBucket: bucket,
    sourceObject: "xml",
  });
  await client.deleteObject({ bucket, object: "grpc" });
  const told = await settled();
  const of = (type: string) =>
    told.filter(({ attributes }) => attributes["eventType"] === type).map(({ attributes }) => attributes["objectId"]);
  assert.deepEqual(of("OBJECT_FINALIZE"), [
    "json",
    "resumable",
    "xml",
    "copied",
    "rewritten",
    "composed",
    "moved",
    "moved-again",
    "grpc",
  ]);
  assert.deepEqual(of("OBJECT_DELETE"), ["moved"]);
});

test("what Pub/Sub does not take at once is published later", async () => {
  await using world = await boot();
  const { api } = world;
  await api.json("POST", CONFIGS, { topic: TOPIC, payload_format: "NONE" });
  world.failNext(2);
  await upload(api, "a");
  const seen = await world.settled();
  assert.deepEqual(
    seen.map(({ attributes }) => attributes["objectId"]),
    ["a"],
  );
});

function summary({ attributes }: Told) {
  const { eventType, objectId, objectGeneration, overwrittenByGeneration, overwroteGeneration } = attributes;
  return [eventType, objectId, objectGeneration, overwrittenByGeneration ?? overwroteGeneration];
}

function messageOf(body: Json): string | undefined {
  return (body["error"] as { message: string } | undefined)?.message;
}
