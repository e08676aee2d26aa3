import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type Answer,
  AUDIT_LOG_WRITTEN as AUDIT,
  bootEventarc,
  type BootedEventarc,
  filtersOf,
  type Json,
  MESSAGE_PUBLISHED as MESSAGES,
  OBJECT_FINALIZED as FINALIZED,
  PARENT,
  refusalOf,
} from "../../../tests/support/boot-eventarc.ts";
import { ConfigServiceV2 } from "../../gen/google/logging/v2/logging_config_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { agentOf } from "./names.ts";

describe("Eventarc triggers", () => {
  let booted: BootedEventarc;
  before(async () => {
    booted = await bootEventarc();
    await api("POST", "/storage/v1/b?project=demo", { name: "photos", location: "us-central1" });
    await api("POST", "/storage/v1/b?project=demo", { name: "other", location: "us-central1" });
    await api("POST", "/storage/v1/b?project=demo", { name: "far", location: "EU" });
  });
  after(() => booted[Symbol.asyncDispose]());

  const api = (method: string, path: string, body?: Json) => booted.api.json(method, path, body);
  const call = (method: string, path: string, body?: Json) => booted.call(method, path, body);
  const create = (id: string, trigger: Json, query = "", parent = PARENT) => booted.create(id, trigger, query, parent);
  const done = (answer: Answer) => booted.done(answer);
  const created = async (id: string, trigger: Json) => done(await create(id, trigger));
  const get = async (id: string) => (await call("GET", `${PARENT}/triggers/${id}`)).body;
  const subscriptionOf = async (trigger: Json) =>
    (await api("GET", `/pubsub/v1/${String(transportOf(trigger)["subscription"])}`)).body;

  test("a trigger of messages gets a topic and a push subscription as Google's", async () => {
    const trigger = await created("messages", {
      eventFilters: filtersOf(MESSAGES),
      serviceAccount: "projects/demo/serviceAccounts/demo@appspot.gserviceaccount.com",
      labels: { team: "blue" },
    });
    const { topic, subscription } = transportOf(trigger);
    assert.match(String(topic), /^projects\/demo\/topics\/eventarc-us-central1-messages-\d{3}$/);
    assert.match(String(subscription), /^projects\/demo\/subscriptions\/eventarc-us-central1-messages-sub-\d{3}$/);
    const labels = {
      "goog-eventarc": "",
      "goog-drz-eventarc-location": "us-central1",
      "goog-drz-eventarc-uuid": trigger["uid"],
    };
    const mode = `CUSTOM_PUBSUB_${encodeURIComponent(String(topic))}`;
    const sub = await subscriptionOf(trigger);
    assert.deepEqual(sub["pushConfig"], {
      pushEndpoint: `http://127.0.0.1:9/events?a=b&__GCP_CloudEventsMode=${mode}`,
      attributes: { "x-goog-version": "v1" },
      oidcToken: {
        serviceAccountEmail: "demo@appspot.gserviceaccount.com",
        audience: "http://127.0.0.1:9/events?a=b",
      },
    });
    assert.deepEqual(
      [sub["topic"], sub["labels"], sub["messageRetentionDuration"], sub["retryPolicy"], sub["expirationPolicy"]],
      [topic, labels, "86400s", { minimumBackoff: "10s", maximumBackoff: "600s" }, {}],
    );
    assert.deepEqual(await get("messages"), trigger);
    assert.equal((await create("messages", { eventFilters: filtersOf(MESSAGES) })).status, 409);
    const gone = await done(await call("DELETE", `${PARENT}/triggers/messages`));
    assert.equal(gone["uid"], trigger["uid"]);
    for (const name of [topic, subscription])
      assert.equal((await api("GET", `/pubsub/v1/${String(name)}`)).status, 404);
    assert.equal((await call("DELETE", `${PARENT}/triggers/messages`)).status, 404);
    const allowed = await call("DELETE", `${PARENT}/triggers/messages?allowMissing=true`);
    assert.equal(allowed.body["done"], true);
  });

  test("a trigger of objects is told by its bucket", async () => {
    const filters = (bucket: string) => filtersOf(FINALIZED, ["bucket", bucket]);
    const trigger = await created("objects", { eventFilters: filters("photos") });
    const { topic } = transportOf(trigger);
    const configs = async (bucket: string) =>
      ((await api("GET", `/storage/v1/b/${bucket}/notificationConfigs`)).body["items"] ?? []) as Json[];
    const shown = (await configs("photos")).map((config) => [config["topic"], config["event_types"]]);
    assert.deepEqual(shown, [[`//pubsub.googleapis.com/${String(topic)}`, ["OBJECT_FINALIZE"]]]);
    const { pushEndpoint } = (await subscriptionOf(trigger))["pushConfig"] as Json;
    assert.match(String(pushEndpoint), /__GCP_CloudEventsMode=GCS_NOTIFICATION$/);

    const moved = await done(
      await call("PATCH", `${PARENT}/triggers/objects?updateMask=eventFilters`, { eventFilters: filters("other") }),
    );
    assert.deepEqual(moved["eventFilters"], filters("other"));
    assert.deepEqual([(await configs("photos")).length, (await configs("other")).length], [0, 1]);
    assert.notEqual(moved["etag"], trigger["etag"]);

    await api("DELETE", "/storage/v1/b/other");
    const { conditions } = await get("objects");
    assert.deepEqual(conditions, { source: { code: "NOT_FOUND", message: 'Bucket "other" was not found' } });
    await done(await call("DELETE", `${PARENT}/triggers/objects`));

    assert.equal(
      await refusalOf(create("objects", { eventFilters: filters("far") })),
      'The request was invalid: Bucket "far" location "eu" does not match trigger location "us-central1". Try again by creating the trigger in "eu".',
    );
    assert.match(await refusalOf(create("objects", { eventFilters: filters("none") })), /bucket "none" was not found$/);
    const global = create("objects", { eventFilters: filters("far") }, "", "projects/demo/locations/global");
    assert.equal(
      await refusalOf(global),
      `The request was invalid: invalid value for attribute 'type' in trigger.event_filters: type "${FINALIZED}" is not allowed in global location`,
    );
    const multiRegion = await create("objects", { eventFilters: filters("far") }, "", "projects/demo/locations/eu");
    assert.match(String(transportOf(await done(multiRegion))["topic"]), /eventarc-eu-objects-/);
  });

  test("a trigger of audit log entries gets them by a sink", async () => {
    const eventFilters = [
      { attribute: "type", value: AUDIT },
      { attribute: "serviceName", value: "storage.googleapis.com" },
      { attribute: "methodName", value: "storage.objects.create" },
      { attribute: "resourceName", value: "/projects/_/buckets/*/objects/**", operator: "match-path-pattern" },
    ];
    const trigger = await created("audit", { eventFilters });
    const topic = String(transportOf(trigger)["topic"]);
    const sinkName = `projects/demo/sinks/${topic.split("/").at(-1)}`;
    const sinks = booted.api.api.deps.clients.of(ConfigServiceV2, agentOf("demo"));
    const sink = await sinks.getSink({ sinkName });
    assert.equal(sink.destination, `pubsub.googleapis.com/${topic}`);
    assert.equal(
      sink.filter,
      [
        String.raw`logName=~"^projects/demo/logs/cloudaudit\\.googleapis\\.com%2F"`,
        'protoPayload.serviceName="storage.googleapis.com"',
        'protoPayload.methodName="storage.objects.create"',
        'protoPayload.resourceName=~"^/?projects/_/buckets/[^/]*/objects(/.*)?$"',
        '(NOT protoPayload.resourceName=~"/locations/" OR protoPayload.resourceName=~"/locations/(us-central1|global|-)(/|$)")',
      ].join(" AND "),
    );
    const { pushEndpoint } = (await subscriptionOf(trigger))["pushConfig"] as Json;
    assert.match(String(pushEndpoint), /__GCP_CloudEventsMode=AUDIT_LOG$/);
    await done(await call("DELETE", `${PARENT}/triggers/audit`));
    await assert.rejects(sinks.getSink({ sinkName }), { code: Code.NOT_FOUND });
  });

  test("a topic that is given stays when the trigger goes; what is lost shows in the conditions", async () => {
    const topic = "projects/demo/topics/orders";
    const transport = { pubsub: { topic } };
    const eventFilters = filtersOf(MESSAGES);
    assert.match(await refusalOf(create("given", { eventFilters, transport })), /topic "projects.*" was not found$/);
    await api("PUT", `/pubsub/v1/${topic}`, {});
    const trigger = await created("given", { eventFilters, transport, retryPolicy: undefined });
    assert.equal(transportOf(trigger)["topic"], topic);
    await api("DELETE", `/pubsub/v1/${String(transportOf(trigger)["subscription"])}`);
    const { conditions } = await get("given");
    assert.equal((conditions as { transport: { code: string } }).transport.code, "NOT_FOUND");
    await done(await call("DELETE", `${PARENT}/triggers/given`));
    assert.equal((await api("GET", `/pubsub/v1/${topic}`)).status, 200);
  });

  test("validate_only, etags, lists and what cannot be changed", async () => {
    const eventFilters = filtersOf(MESSAGES);
    const preview = await create("listed-a", { eventFilters }, "&validateOnly=true");
    assert.deepEqual(
      [preview.body["done"], (preview.body["response"] as Json)["name"]],
      [true, `${PARENT}/triggers/listed-a`],
    );
    assert.equal((await call("GET", `${PARENT}/triggers/listed-a`)).status, 404);
    for (const id of ["listed-a", "listed-b"]) await created(id, { eventFilters });
    const elsewhere = await create("listed-c", { eventFilters }, "", "projects/demo/locations/europe-west1");
    await done(elsewhere);
    const list = async (query: string, location = "us-central1") => {
      const { body } = await call("GET", `projects/demo/locations/${location}/triggers?${query}`);
      const names = ((body["triggers"] ?? []) as { name: string }[]).map(({ name }) => name.split("/").at(-1));
      return { names: names.filter((name) => name?.startsWith("listed")), token: body["nextPageToken"] };
    };
    assert.deepEqual((await list("orderBy=trigger_id%20desc")).names, ["listed-b", "listed-a"]);
    assert.deepEqual((await list("orderBy=create_time", "-")).names, ["listed-a", "listed-b", "listed-c"]);
    assert.deepEqual((await list("filter=destination:http_endpoint", "europe-west1")).names, ["listed-c"]);
    const first = await list("pageSize=1");
    assert.deepEqual((await list(`pageSize=1&pageToken=${String(first.token)}`)).names, ["listed-b"]);
    const stale = await call("DELETE", `${PARENT}/triggers/listed-a?etag=%22old%22`);
    assert.equal(stale.status, 409);
    const patch = (body: Json, query: string) => call("PATCH", `${PARENT}/triggers/listed-a?${query}`, body);
    const other = { eventFilters: filtersOf(FINALIZED) };
    assert.match(
      await refusalOf(patch(other, "updateMask=eventFilters")),
      /event type of a trigger cannot be changed$/,
    );
    const topic = { transport: { pubsub: { topic: "projects/demo/topics/orders" } } };
    assert.match(await refusalOf(patch(topic, "updateMask=transport")), /transport of a trigger cannot be changed$/);
    const labelled = await done(await patch({ labels: { a: "b" } }, ""));
    assert.deepEqual(labelled["labels"], { a: "b" });
    assert.match(await refusalOf(patch({ labels: { A: "b" } }, "updateMask=labels")), /invalid label key "A"$/);
    assert.equal((await call("PATCH", `${PARENT}/triggers/none?updateMask=labels`, {})).status, 404);
  });

  test("lists providers with types, attributes and schemas", async () => {
    const { body } = await call("GET", `${PARENT}/providers?pageSize=1000`);
    const ids = (body["providers"] as { name: string }[]).map(({ name }) => name.split("/").at(-1));
    assert.deepEqual(
      ids,
      ids.toSorted((one, other) => (one! < other! ? -1 : 1)),
    );
    for (const host of ["cloudaudit", "pubsub", "storage", "firestore", "firebasedatabase", "firebasealerts"])
      assert.ok(ids.includes(`${host}.googleapis.com`), host);
    const { body: audit } = await call("GET", `${PARENT}/providers/cloudaudit.googleapis.com`);
    assert.deepEqual(audit, {
      name: `${PARENT}/providers/cloudaudit.googleapis.com`,
      displayName: "Cloud Audit Logs",
      eventTypes: [
        {
          type: AUDIT,
          description: "An audit log is created that matches the trigger's filter criteria.",
          filteringAttributes: [
            { attribute: "methodName", description: "The identifier of the service's operation.", required: true },
            {
              attribute: "resourceName",
              description: "The complete path to a resource. Used to filter events for a specific resource.",
              pathPatternSupported: true,
            },
            {
              attribute: "serviceName",
              description: "The identifier of the Google Cloud service.",
              required: true,
            },
            { attribute: "type", required: true },
          ],
          eventSchemaUri:
            "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/audit/v1/data.proto",
        },
      ],
    });
    assert.equal((await call("GET", `${PARENT}/providers/none`)).status, 404);
  });
});

function transportOf(trigger: Json): Json {
  return (trigger["transport"] as { pubsub: Json }).pubsub;
}
