import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { pubsub } from "../module.ts";

type Json = Record<string, unknown>;

const DAY_MS = 24 * 3600 * 1000;
const TOPIC = "projects/demo/topics/news";
const SUBSCRIPTION = "projects/demo/subscriptions/reader";

async function boot() {
  const clock = createManualClock();
  const api = await bootApi((deps) => [pubsub(deps)], { clock });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const refuse = async (method: string, path: string, body: Json | undefined, status: number): Promise<string> => {
    const { error } = await call(method, path, body, status);
    return (error as { message: string }).message;
  };
  return { api, clock, call, refuse };
}

test("topics are created, read, listed by pages, changed and deleted; their subscriptions stay", async () => {
  const { api, call, refuse } = await boot();
  await using _ = api;
  const topic = { name: TOPIC, labels: { team: "a" }, state: "ACTIVE" };
  assert.deepEqual(await call("PUT", TOPIC, { labels: { team: "a" } }), topic);
  const exists = await refuse("PUT", TOPIC, {}, 409);
  assert.equal(exists, `Resource already exists in the project (resource=${TOPIC}).`);
  assert.deepEqual(await call("GET", TOPIC), topic);
  await call("PUT", "projects/demo/topics/other", {});
  const first = await call("GET", "projects/demo/topics?pageSize=1");
  const second = await call("GET", `projects/demo/topics?pageSize=1&pageToken=${String(first["nextPageToken"])}`);
  assert.deepEqual([first["topics"], second["nextPageToken"]], [[topic], undefined]);

  const patch = { topic: { labels: {}, messageRetentionDuration: "600s" } };
  const changed = await call("PATCH", TOPIC, { ...patch, updateMask: "labels,messageRetentionDuration" });
  assert.deepEqual(changed, { name: TOPIC, messageRetentionDuration: "600s", state: "ACTIVE" });
  await call("PUT", SUBSCRIPTION, { topic: TOPIC });
  assert.equal((await call("GET", SUBSCRIPTION))["topicMessageRetentionDuration"], "600s");
  assert.deepEqual(await call("GET", `${TOPIC}/subscriptions`), { subscriptions: [SUBSCRIPTION] });
  await call("PUT", "projects/demo/snapshots/then", { subscription: SUBSCRIPTION });
  assert.deepEqual(await call("GET", `${TOPIC}/snapshots`), { snapshots: ["projects/demo/snapshots/then"] });
  await call("DELETE", TOPIC);
  assert.equal(await refuse("GET", TOPIC, undefined, 404), `Resource not found (resource=${TOPIC}).`);
  for (const name of [SUBSCRIPTION, "projects/demo/snapshots/then"])
    assert.equal((await call("GET", name))["topic"], "_deleted-topic_");
  await call("PUT", TOPIC, {});
  assert.deepEqual(await call("GET", `${TOPIC}/subscriptions`), {});
});

test("what Pub/Sub refuses of topics is refused, and changes nothing", async () => {
  const { api, call, refuse } = await boot();
  await using _ = api;
  const long = `t${"o".repeat(255)}`;
  for (const id of ["ab", "1abc", "googabc", "a!c", "a b", long])
    assert.ok(
      (await refuse("PUT", `projects/demo/topics/${id}`, {}, 400)).startsWith(
        `Invalid resource name given (name=projects/demo/topics/${id}).`,
      ),
    );
  const cases: readonly (readonly [topic: Json, message: RegExp])[] = [
    [{ messageRetentionDuration: "599s" }, /message_retention_duration is too small.*599s.*minimum value is 600s/],
    [{ messageRetentionDuration: "2678401s" }, /maximum value is 2678400s/],
    [{ labels: { Team: "a" } }, /Invalid label key: Team/],
    [{ labels: Object.fromEntries(Array.from({ length: 65 }, (_each, index) => [`l${index}`, ""])) }, /64 labels/],
    [{ messageStoragePolicy: {} }, /must not be empty/],
    [{ kmsKeyName: "projects/p/locations/l/keyRings/r/cryptoKeys/k" }, /kms_key_name is not supported/],
    [{ ingestionDataSourceSettings: { cloudStorage: { bucket: "b" } } }, /ingestion_data_source_settings is not/],
    [{ tags: { "1/a": "b" } }, /tags is not supported/],
    [{ color: "red" }, /color/],
  ];
  for (const [topic, message] of cases) assert.match(await refuse("PUT", TOPIC, topic, 400), message);
  await refuse("GET", TOPIC, undefined, 404);
  await call("PUT", TOPIC, {});
  const mask = async (updateMask: string) => refuse("PATCH", TOPIC, { topic: {}, updateMask }, 400);
  assert.match(await mask("name"), /the name field in the Topic is not mutable/);
  assert.match(await mask("color"), /color is not a known Topic field/);
  assert.match(await mask(""), /must contain a non-empty paths list/);
});

test("subscriptions have Google's defaults, are changed by masks, pushed elsewhere, detached and deleted", async () => {
  const { api, call, refuse } = await boot();
  await using _ = api;
  await call("PUT", TOPIC, {});
  const created = await call("PUT", SUBSCRIPTION, { topic: TOPIC, retryPolicy: {}, filter: "attributes:a" });
  const expected = {
    name: SUBSCRIPTION,
    topic: TOPIC,
    pushConfig: {},
    ackDeadlineSeconds: 10,
    messageRetentionDuration: "604800s",
    expirationPolicy: { ttl: "2678400s" },
    filter: "attributes:a",
    retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    state: "ACTIVE",
  };
  assert.deepEqual(created, expected);
  assert.deepEqual(await call("GET", "projects/demo/subscriptions"), { subscriptions: [expected] });
  await call("PATCH", SUBSCRIPTION, {
    subscription: { ackDeadlineSeconds: 0, expirationPolicy: {}, deadLetterPolicy: { deadLetterTopic: TOPIC } },
    updateMask: "ackDeadlineSeconds,expirationPolicy,deadLetterPolicy,retryPolicy",
  });
  await call("POST", `${SUBSCRIPTION}:modifyPushConfig`, { pushConfig: { pushEndpoint: "https://example.com/p" } });
  const changed = await call("GET", SUBSCRIPTION);
  const { retryPolicy: _policy, ...rest } = expected;
  assert.deepEqual(changed, {
    ...rest,
    pushConfig: { pushEndpoint: "https://example.com/p", attributes: { "x-goog-version": "v1" } },
    expirationPolicy: {},
    deadLetterPolicy: { deadLetterTopic: TOPIC, maxDeliveryAttempts: 5 },
  });
  for (const field of ["topic", "filter", "enableMessageOrdering", "detached"])
    assert.match(
      await refuse("PATCH", SUBSCRIPTION, { subscription: {}, updateMask: field }, 400),
      /field in the Subscription is not mutable/,
    );
  await call("POST", `${SUBSCRIPTION}:detach`);
  assert.equal((await call("GET", SUBSCRIPTION))["detached"], true);
  assert.deepEqual(await call("GET", `${TOPIC}/subscriptions`), {});
  await refuse("PUT", "projects/demo/snapshots/none", { subscription: SUBSCRIPTION }, 400);
  await call("DELETE", SUBSCRIPTION);
  assert.equal(await refuse("GET", SUBSCRIPTION, undefined, 404), `Resource not found (resource=${SUBSCRIPTION}).`);
});

test("what Pub/Sub refuses of subscriptions is refused, and makes none", async () => {
  const { api, call, refuse } = await boot();
  await using _ = api;
  await call("PUT", TOPIC, {});
  const push = { pushEndpoint: "https://example.com/" };
  const cases: readonly (readonly [subscription: Json, message: RegExp])[] = [
    [{ topic: "news" }, /Invalid resource name given \(name=news\)/],
    [{ ackDeadlineSeconds: 9 }, /ack_deadline_seconds is too small. You passed 9 .* minimum value is 10/],
    [{ ackDeadlineSeconds: 601 }, /maximum value is 600/],
    [{ messageRetentionDuration: "599s" }, /minimum value is 600s/],
    [{ expirationPolicy: { ttl: "86399s" } }, /ttl is too small.*86400s/],
    [{ deadLetterPolicy: { deadLetterTopic: TOPIC, maxDeliveryAttempts: 4 } }, /minimum value is 5/],
    [{ deadLetterPolicy: { deadLetterTopic: TOPIC, maxDeliveryAttempts: 101 } }, /maximum value is 100/],
    [{ retryPolicy: { minimumBackoff: "601s" } }, /must be between 0s and 600s/],
    [{ retryPolicy: { minimumBackoff: "100s", maximumBackoff: "50s" } }, /maximum_backoff is too small/],
    [{ filter: "attributes:a and attributes:b" }, /column 14, token 'and'/],
    [{ pushConfig: { pushEndpoint: "ftp://example.com" } }, /Invalid push endpoint given/],
    [{ pushConfig: { ...push, attributes: { "x-goog-version": "v2" } } }, /Invalid push attribute/],
    [{ pushConfig: { ...push, oidcToken: { audience: "a" } } }, /Invalid service account email/],
    [{ pushConfig: { noWrapper: {} } }, /push endpoint is required/],
    [{ pushConfig: push, enableExactlyOnceDelivery: true }, /only supported on pull subscriptions/],
    [{ pushConfig: push, cloudStorageConfig: { bucket: "backlog" } }, /At most one/],
    [{ cloudStorageConfig: { bucket: "B" } }, /Invalid Cloud Storage bucket name: B/],
    [{ cloudStorageConfig: { bucket: "backlog", maxDuration: "30s" } }, /max_duration is too small/],
    [{ cloudStorageConfig: { bucket: "backlog", maxDuration: "600s" } }, /may not exceed/],
    [{ cloudStorageConfig: { bucket: "backlog", maxBytes: "1" } }, /max_bytes is too small/],
    [{ cloudStorageConfig: { bucket: "backlog", filenameSuffix: "x/" } }, /must not end/],
    [{ cloudStorageConfig: { bucket: "backlog", filenameDatetimeFormat: "YYYY-YYYY" } }, /Invalid datetime format/],
    [{ bigqueryConfig: { table: "p.d.t" } }, /bigquery_config is not supported/],
    [{ bigtableConfig: { table: "t" } }, /bigtable_config is not supported/],
    [{ detached: true }, /cannot be detached/],
  ];
  for (const [subscription, message] of cases)
    assert.match(await refuse("PUT", SUBSCRIPTION, { topic: TOPIC, ...subscription }, 400), message);
  await refuse("PUT", SUBSCRIPTION, { topic: "projects/demo/topics/none" }, 404);
  const deadLetterTopic = "projects/demo/topics/none";
  await refuse("PUT", SUBSCRIPTION, { topic: TOPIC, deadLetterPolicy: { deadLetterTopic } }, 404);
  assert.deepEqual(await call("GET", "projects/demo/subscriptions"), {});
});

test("subscriptions that nobody uses and snapshots expire", async () => {
  const { api, clock, call, refuse } = await boot();
  await using _ = api;
  const later = async (days: number) => {
    clock.advance(days * DAY_MS);
    await api.api.wakeups.idle();
  };
  await call("PUT", TOPIC, {});
  await call("PUT", SUBSCRIPTION, { topic: TOPIC, expirationPolicy: { ttl: "86400s" } });
  const kept = "projects/demo/subscriptions/kept";
  await call("PUT", kept, { topic: TOPIC, expirationPolicy: {} });
  const snapshot = "projects/demo/snapshots/then";
  const { expireTime } = await call("PUT", snapshot, { subscription: kept, labels: { a: "b" } });
  assert.equal(Date.parse(String(expireTime)), clock.nowMs() + 7 * DAY_MS);
  const tooLate = new Date(clock.nowMs() + 8 * DAY_MS).toISOString();
  const patch = (updated: Json, updateMask: string) => ({ snapshot: updated, updateMask });
  await refuse("PATCH", snapshot, patch({ expireTime: tooLate }, "expireTime"), 400);
  await refuse("PATCH", snapshot, patch({ topic: TOPIC }, "topic"), 400);
  assert.deepEqual((await call("PATCH", snapshot, patch({ labels: { c: "d" } }, "labels")))["labels"], { c: "d" });

  await later(0.5);
  const update = { subscription: { ackDeadlineSeconds: 20 }, updateMask: "ackDeadlineSeconds" };
  await call("PATCH", SUBSCRIPTION, update);
  await later(0.9);
  await call("POST", `${SUBSCRIPTION}:pull`, { maxMessages: 1, returnImmediately: true });
  await later(0.9);
  await call("GET", SUBSCRIPTION);
  await later(0.1);
  await refuse("GET", SUBSCRIPTION, undefined, 404);
  await call("GET", snapshot);
  await later(4.6);
  await refuse("GET", snapshot, undefined, 404);
  await call("GET", kept);
});

test("topics, subscriptions and snapshots have policies, over REST at the bare root", async () => {
  const { api, call, refuse } = await boot();
  await using _ = api;
  await call("PUT", TOPIC, {});
  await call("PUT", SUBSCRIPTION, { topic: TOPIC });
  await call("PUT", "projects/demo/snapshots/then", { subscription: SUBSCRIPTION });
  const bindings = [{ role: "roles/pubsub.publisher", members: ["user:a@example.com"] }];
  for (const name of [TOPIC, SUBSCRIPTION, "projects/demo/snapshots/then"]) {
    assert.deepEqual(await call("GET", `${name}:getIamPolicy`), { etag: "ACAB" });
    await call("POST", `${name}:setIamPolicy`, { policy: { bindings } });
    assert.deepEqual((await call("GET", `${name}:getIamPolicy`))["bindings"], bindings);
    const permissions = ["pubsub.topics.get"];
    assert.deepEqual(await call("POST", `${name}:testIamPermissions`, { permissions }), { permissions });
  }
  await refuse("GET", "projects/demo/topics/none:getIamPolicy", undefined, 404);
  await call("DELETE", TOPIC);
  await call("PUT", TOPIC, {});
  assert.deepEqual(await call("GET", `${TOPIC}:getIamPolicy`), { etag: "ACAB" });
});
