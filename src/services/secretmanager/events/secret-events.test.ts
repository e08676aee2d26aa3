import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { outboxIsEmpty, recordPublishes } from "../../../../tests/support/recorded-publishes.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { sealOf } from "../../../platform/seal.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { secretmanager } from "../module.ts";

type Json = Record<string, unknown>;

const AUTOMATIC = { replication: { automatic: {} } };
const topics = [{ name: "projects/demo/topics/changes" }];
const SECRET = `projects/${projectNumberOf("demo")}/secrets/s`;
const HOUR_MS = 3_600_000;

async function boot() {
  const clock = createManualClock();
  const pubsub = recordPublishes();
  const seal = sealOf(randomBytes(32));
  const api = await bootApi((deps) => [pubsub.module, secretmanager({ ...deps, seal })], { clock });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/projects/demo/secrets${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const told = async () => {
    await api.api.wakeups.idle();
    await outboxIsEmpty(api, "secretmanager_outbox");
    return pubsub.take();
  };
  const events = async () => (await told()).map(({ attributes }) => attributes["eventType"]);
  const inMs = (ms: number) => new Date(clock.nowMs() + ms).toISOString();
  return { api, clock, call, told, events, inMs, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

test("what happens to a secret and its versions is told to its topics, with Google's attributes", async () => {
  await using world = await boot();
  const { call, told, events, clock } = world;
  await call("POST", "?secretId=quiet", AUTOMATIC);
  assert.deepEqual(await told(), []);

  const created = await call("POST", "?secretId=s", { ...AUTOMATIC, topics });
  const [configured, create] = await told();
  assert.equal(configured!.attributes["eventType"], "TOPIC_CONFIGURED");
  const timestamp = new Date(clock.nowMs()).toISOString();
  const common = { dataFormat: "JSON_API_V1", secretId: SECRET, timestamp };
  assert.deepEqual(create!.attributes, { eventType: "SECRET_CREATE", ...common });
  assert.deepEqual(JSON.parse(create!.data), created);
  const agent = `service-${projectNumberOf("demo")}@gcp-sa-secretmanager.iam.gserviceaccount.com`;
  assert.deepEqual([create!.topic, create!.publisher], ["projects/demo/topics/changes", agent]);

  const payload = { data: Buffer.from("hidden").toString("base64") };
  const added = await call("POST", "/s:addVersion", { payload });
  const [add] = await told();
  assert.deepEqual(add!.attributes, { eventType: "SECRET_VERSION_ADD", ...common, versionId: `${SECRET}/versions/1` });
  assert.deepEqual(JSON.parse(add!.data), added);

  await call("GET", "/s/versions/1:access");
  await call("PATCH", "/s?updateMask=labels", { labels: { a: "b" } });
  await call("POST", "/s/versions/1:disable", {});
  await call("POST", "/s/versions/1:enable", {});
  await call("POST", "/s/versions/1:destroy", {});
  await call("DELETE", "/s");
  const rest = await told();
  assert.deepEqual(
    rest.map(({ attributes }) => attributes["eventType"]),
    ["SECRET_UPDATE", "SECRET_VERSION_DISABLE", "SECRET_VERSION_ENABLE", "SECRET_VERSION_DESTROY", "SECRET_DELETE"],
  );
  assert.equal(rest.at(-1)!.attributes["deleteType"], "REQUESTED");

  await call("POST", "?secretId=s", { ...AUTOMATIC, topics, ttl: "60s", versionDestroyTtl: "86400s" });
  await call("POST", "/s:addVersion", { payload });
  await call("POST", "/s/versions/1:destroy", {});
  assert.deepEqual((await events()).slice(1), [
    "SECRET_CREATE",
    "SECRET_VERSION_ADD",
    "SECRET_VERSION_DESTROY_SCHEDULED",
  ]);
  clock.advance(61_000);
  const [expired] = await told();
  assert.deepEqual(
    [expired!.attributes["eventType"], expired!.attributes["deleteType"]],
    ["SECRET_DELETE", "EXPIRATION"],
  );
});

test("topics that cannot be published to are refused, and new ones are tried", async () => {
  await using world = await boot();
  const { call, events } = world;
  const missing = [{ name: "projects/demo/topics/missing" }];
  const refused = await call("POST", "?secretId=s", { ...AUTOMATIC, topics: missing }, 400);
  assert.match((refused["error"] as { message: string }).message, /could not publish to the topic/);
  await call("GET", "/s", undefined, 404);
  await call("POST", "?secretId=s", { ...AUTOMATIC, topics });
  await call("PATCH", "/s?updateMask=topics", { topics: missing }, 400);
  await events();
  await call("PATCH", "/s?updateMask=topics", { topics: [...topics, { name: "projects/demo/topics/more" }] });
  assert.deepEqual(await events(), ["TOPIC_CONFIGURED", "SECRET_UPDATE", "SECRET_UPDATE"]);
  for (const wrong of [
    [{ name: "changes" }],
    [...topics, ...topics],
    Array.from({ length: 11 }, (_, n) => ({ name: `projects/demo/topics/t${n}` })),
  ])
    await call("PATCH", "/s?updateMask=topics", { topics: wrong }, 400);
});

test("a rotation is asked for at its time, and again after its period, also when that passed unseen", async () => {
  await using world = await boot();
  const { call, told, events, clock, inMs } = world;
  const rotation = { nextRotationTime: inMs(2 * HOUR_MS), rotationPeriod: "3600s" };
  await call("POST", "?secretId=s", { ...AUTOMATIC, rotation }, 400);
  for (const wrong of [
    { rotationPeriod: "3600s" },
    { nextRotationTime: inMs(60_000) },
    { nextRotationTime: inMs(2 * HOUR_MS), rotationPeriod: "60s" },
  ])
    await call("POST", "?secretId=s", { ...AUTOMATIC, topics, rotation: wrong }, 400);
  await call("POST", "?secretId=s", { ...AUTOMATIC, topics, rotation });
  await events();
  clock.advance(2 * HOUR_MS);
  const [due] = await told();
  assert.equal(due!.attributes["eventType"], "SECRET_ROTATE");
  const next = async () => ((await call("GET", "/s"))["rotation"] as Json | undefined)?.["nextRotationTime"];
  assert.equal(Date.parse((await next()) as string), clock.nowMs() + HOUR_MS);
  clock.advance(2.5 * HOUR_MS);
  assert.deepEqual(await events(), ["SECRET_ROTATE"]);
  assert.equal(Date.parse((await next()) as string), clock.nowMs() + HOUR_MS / 2);
  // What is due soon may stay so while something else changes.
  clock.advance(HOUR_MS / 2 - 60_000);
  await call("PATCH", "/s?updateMask=labels", { labels: { a: "b" } });
  await call("PATCH", "/s?updateMask=rotation", { rotation: { nextRotationTime: inMs(HOUR_MS) } });
  await events();
  clock.advance(HOUR_MS);
  assert.deepEqual(await events(), ["SECRET_ROTATE"]);
  assert.equal(await next(), undefined);
});
