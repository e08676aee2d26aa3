import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { crc32c } from "../../platform/crc32c.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import { sealOf } from "../../platform/seal.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { secretmanager } from "./module.ts";

type Json = Record<string, unknown>;

const AUTOMATIC = { replication: { automatic: {} } };
const PUBLIC = `projects/${projectNumberOf("demo")}/secrets`;
const DAY_MS = 24 * 3600 * 1000;

async function boot() {
  const clock = createManualClock();
  const seal = sealOf(randomBytes(32));
  const api = await bootApi((deps) => [secretmanager({ ...deps, seal })], { clock });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/projects/demo/secrets${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const add = (secret: string, text: string) =>
    call("POST", `/${secret}:addVersion`, { payload: { data: Buffer.from(text).toString("base64") } });
  const access = async (version: string): Promise<string> => {
    const { payload } = await call("GET", `/${version}:access`);
    const { data, dataCrc32c } = payload as { data: string; dataCrc32c: string };
    assert.equal(Number(dataCrc32c), crc32c(Buffer.from(data, "base64")));
    return Buffer.from(data, "base64").toString();
  };
  const messageOf = (body: Json) => (body["error"] as { message: string }).message;
  return { api, clock, call, add, access, messageOf };
}

test("versions are added, read by number, alias and as latest, disabled, enabled and destroyed", async () => {
  const { api, call, add, access, messageOf } = await boot();
  await using _ = api;
  const created = await call("POST", "?secretId=key", { ...AUTOMATIC, labels: { team: "a" } });
  assert.equal(created["name"], `${PUBLIC}/key`);
  assert.equal(
    messageOf(await call("GET", "/key/versions/latest:access", undefined, 404)),
    `Secret [${PUBLIC}/key] not found or has no versions.`,
  );
  const first = await add("key", "one");
  assert.deepEqual([first["name"], first["state"]], [`${PUBLIC}/key/versions/1`, "ENABLED"]);
  await add("key", "two");
  assert.equal(await access("key/versions/1"), "one");
  assert.equal(await access("key/versions/latest"), "two");
  await call("PATCH", "/key?updateMask=versionAliases", { versionAliases: { stable: "1" } });
  assert.equal(await access("key/versions/stable"), "one");

  await call("POST", "/key/versions/2:disable", {});
  const disabled = await call("GET", "/key/versions/latest:access", undefined, 400);
  assert.equal(messageOf(disabled), `Secret Version [${PUBLIC}/key/versions/2] is in DISABLED state.`);
  await call("POST", "/key/versions/2:enable", {});
  assert.equal(await access("key/versions/2"), "two");
  const destroyed = await call("POST", "/key/versions/2:destroy", {});
  assert.equal(destroyed["state"], "DESTROYED");
  assert.ok(destroyed["destroyTime"]);
  assert.equal(await access("key/versions/latest"), "one");
  for (const method of ["enable", "disable", "destroy"]) await call("POST", `/key/versions/2:${method}`, {}, 400);
  await call("GET", "/key/versions/3:access", undefined, 404);
  const { versions, totalSize } = await call("GET", "/key/versions");
  assert.deepEqual([(versions as Json[]).map((version) => version["state"]), totalSize], [["DESTROYED", "ENABLED"], 2]);
  await call("DELETE", "/key");
  assert.equal(messageOf(await call("GET", "/key", undefined, 404)), `Secret [${PUBLIC}/key] not found.`);
});

test("a secret goes when it expires, and versions are destroyed after the secret's delay", async () => {
  const { api, clock, call, add, access } = await boot();
  await using _ = api;
  const created = await call("POST", "?secretId=brief", { ...AUTOMATIC, ttl: "3600s" });
  assert.equal(Date.parse(String(created["expireTime"])), clock.nowMs() + 3_600_000);
  await call("POST", "?secretId=careful", { ...AUTOMATIC, versionDestroyTtl: "86400s" });
  await add("careful", "text");
  const put = await call("POST", "/careful/versions/1:destroy", {});
  assert.equal(put["state"], "DISABLED");
  assert.equal(Date.parse(String(put["scheduledDestroyTime"])), clock.nowMs() + DAY_MS);
  await call("POST", "/careful/versions/1:enable", {});
  assert.equal(await access("careful/versions/1"), "text");
  await call("POST", "/careful/versions/1:destroy", {});
  clock.advance(3_600_000);
  await call("GET", "/brief", undefined, 404);
  clock.advance(DAY_MS);
  for (;;) {
    const version = await call("GET", "/careful/versions/1");
    if (version["state"] === "DESTROYED") break;
    clock.advanceToNextTimer();
  }
});

test("what Secret Manager refuses is refused, and changes nothing", async () => {
  const { api, call, messageOf } = await boot();
  await using _ = api;
  await call("POST", "?secretId=here", AUTOMATIC);
  const taken = await call("POST", "?secretId=here", AUTOMATIC, 409);
  assert.equal(messageOf(taken), `Secret [${PUBLIC}/here] already exists.`);
  for (const [query, secret] of [
    ["?secretId=no%2Fslash", AUTOMATIC],
    ["?secretId=nowhere", {}],
    ["?secretId=past", { ...AUTOMATIC, expireTime: "2020-01-01T00:00:00Z" }],
    ["?secretId=short", { ...AUTOMATIC, versionDestroyTtl: "60s" }],
    ["?secretId=cmek", { replication: { automatic: { customerManagedEncryption: { kmsKeyName: "k" } } } }],
  ] as const)
    await call("POST", query, secret, 400);
  const data = randomBytes(10).toString("base64");
  await call("POST", "/here:addVersion", { payload: { data, dataCrc32c: "1" } }, 400);
  await call("POST", "/here:addVersion", { payload: { data: Buffer.alloc(65_537).toString("base64") } }, 400);
  await call("POST", "/absent:addVersion", { payload: { data } }, 404);
  await call("PATCH", "/here?updateMask=versionAliases", { versionAliases: { stable: "7" } }, 404);
  await call("PATCH", "/here?updateMask=labels", { labels: { a: "b" }, etag: '"stale"' }, 409);
  const { versions } = await call("GET", "/here/versions");
  assert.equal(versions, undefined);
  const { secrets } = await call("GET", "?filter=name%3Ahere*%20OR%20labels.a%3Db");
  assert.equal(secrets, undefined);
});
