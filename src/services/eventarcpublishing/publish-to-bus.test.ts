import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  bootEventarc,
  type BootedEventarc,
  type Json,
  PARENT,
  refusalOf,
} from "../../../tests/support/boot-eventarc.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { recordPublishes } from "../../../tests/support/recorded-publishes.ts";

const BUS = `${PARENT}/messageBuses/main`;
const TOPIC = "projects/demo/topics/archive";
const ENDPOINT = { httpEndpoint: { uri: "http://127.0.0.1:9/in" } };

describe("Eventarc message buses", () => {
  const recorder = recordPublishes();
  let booted: BootedEventarc;
  before(async () => {
    booted = await bootEventarc(recorder);
    for (const id of ["main", "second"]) await made("messageBuses", "messageBusId", id, {});
    await booted.api.json("PUT", `/pubsub/v1/${TOPIC}`, {});
  });
  after(() => booted[Symbol.asyncDispose]());

  const ask = (collection: string, idField: string, id: string, body: Json, query = "") =>
    booted.call("POST", `${PARENT}/${collection}?${idField}=${id}${query}`, body);
  const made = async (collection: string, idField: string, id: string, body: Json) =>
    booted.done(await ask(collection, idField, id, body));
  const pipeline = (id: string, destination: Json, more: Json = {}) =>
    made("pipelines", "pipelineId", id, { destinations: [destination], ...more });
  const enroll = (id: string, celMatch: string, target: string, messageBus = BUS) =>
    made("enrollments", "enrollmentId", id, { celMatch, messageBus, destination: `${PARENT}/pipelines/${target}` });
  const publish = (event: Json, bus = BUS) =>
    booted.api.json("POST", `/eventarcpublishing/v1/${bus}:publish`, { jsonMessage: JSON.stringify(event) });
  const event = (type: string, more: Json = {}) => ({ specversion: "1.0", id: "1", source: "//shop", type, ...more });
  const topicsOf = async (given: Json) => {
    assert.deepEqual(await publish(given), { status: 200, body: {} });
    return recorder.take().map(({ topic }) => topic);
  };

  test("events go to the pipelines of the enrollments that they match, over other buses, too", async () => {
    await pipeline("archive", { topic: TOPIC });
    const made = await pipeline("http", ENDPOINT, { retryPolicy: { maxAttempts: 3, minRetryDelay: "2s" } });
    assert.deepEqual([made["destinations"], made["name"]], [[ENDPOINT], `${PARENT}/pipelines/http`]);
    await pipeline("onward", { messageBus: `${PARENT}/messageBuses/second` });
    await pipeline("back", { messageBus: BUS });
    await enroll("all", "true", "archive");
    await enroll("paid", 'message.type == "paid" && message.team == "blue"', "http");
    const byNumber = `projects/${projectNumberOf("demo")}/locations/us-central1/messageBuses/main`;
    await enroll("numbered", "false", "http", byNumber);
    await enroll("sent", 'message.type == "sent"', "onward");
    await enroll("from-second", "true", "http", `${PARENT}/messageBuses/second`);
    await enroll("round", "true", "back", `${PARENT}/messageBuses/second`);
    const transport = "projects/demo/topics/eventarc-pipeline-us-central1-http";
    assert.deepEqual(await topicsOf(event("other")), [TOPIC]);
    assert.deepEqual(new Set(await topicsOf(event("paid", { team: "blue" }))), new Set([TOPIC, transport]));
    assert.deepEqual(new Set(await topicsOf(event("sent"))), new Set([TOPIC, transport]));
    const subscription = transport.replace("/topics/", "/subscriptions/");
    const { body } = await booted.api.json("GET", `/pubsub/v1/${subscription}`);
    assert.deepEqual(
      [(body["pushConfig"] as Json)["pushEndpoint"], body["retryPolicy"]],
      [
        "http://127.0.0.1:9/in?__GCP_CloudEventsMode=CE_PUBSUB_BINDING",
        { minimumBackoff: "2s", maximumBackoff: "60s" },
      ],
    );
  });

  test("what carries a pipeline's events changes and goes with it", async () => {
    const path = `${PARENT}/pipelines/moved`;
    const subscription = "/pubsub/v1/projects/demo/subscriptions/eventarc-pipeline-us-central1-moved";
    const first = await pipeline("moved", ENDPOINT);
    const other = { destinations: [{ httpEndpoint: { uri: "http://127.0.0.1:9/other" } }] };
    await booted.done(await booted.call("PATCH", `${path}?updateMask=destinations`, other));
    const { pushEndpoint } = (await booted.api.json("GET", subscription)).body["pushConfig"] as Json;
    assert.match(String(pushEndpoint), /^http:\/\/127\.0\.0\.1:9\/other\?/);
    await booted.done(
      await booted.call("PATCH", `${path}?updateMask=destinations`, { destinations: [{ topic: TOPIC }] }),
    );
    assert.equal((await booted.api.json("GET", subscription)).status, 404);
    const gone = await booted.done(await booted.call("DELETE", path));
    assert.equal(gone["uid"], first["uid"]);
    assert.equal((await booted.call("GET", path)).status, 404);
    assert.equal((await booted.call("DELETE", `${path}?allowMissing=true`)).status, 200);
  });

  test("a pipeline of JSON takes no other data", async () => {
    await pipeline("json", { topic: TOPIC }, { inputPayloadFormat: { json: {} } });
    await made("messageBuses", "messageBusId", "formats", {});
    const bus = `${PARENT}/messageBuses/formats`;
    await enroll("json", "true", "json", bus);
    await publish(event("x", { data: "text", datacontenttype: "text/plain" }), bus);
    assert.deepEqual(recorder.take(), []);
    await publish(event("x", { data_base64: Buffer.from("[1]").toString("base64") }), bus);
    const [message, ...others] = recorder.take();
    assert.deepEqual([message?.data, message?.attributes["content-type"], others], ["[1]", "application/json", []]);
    await booted.done(await booted.call("DELETE", `${PARENT}/pipelines/json`));
    assert.equal((await publish(event("x"), bus)).status, 200);
  });

  test("buses tell their enrollments and stay while they have some", async () => {
    const { body } = await booted.call("GET", `${BUS}:listEnrollments?pageSize=2`);
    assert.deepEqual(body["enrollments"], [`${PARENT}/enrollments/all`, `${PARENT}/enrollments/numbered`]);
    const rest = await booted.call("GET", `${BUS}:listEnrollments?pageToken=${String(body["nextPageToken"])}`);
    assert.deepEqual(rest.body["enrollments"], [`${PARENT}/enrollments/paid`, `${PARENT}/enrollments/sent`]);
    assert.equal((await booted.call("DELETE", BUS)).status, 400);
    const changed = await booted.call("PATCH", `${BUS}?updateMask=labels`, { labels: { team: "blue" } });
    assert.deepEqual((await booted.done(changed))["labels"], { team: "blue" });
    const preview = await ask("messageBuses", "messageBusId", "third", {}, "&validateOnly=true");
    assert.equal(preview.body["done"], true);
    assert.equal((await booted.call("GET", `${PARENT}/messageBuses/third`)).status, 404);
    assert.equal((await ask("messageBuses", "messageBusId", "main", {})).status, 409);
    assert.equal((await booted.call("DELETE", `${BUS}?etag=%22old%22`)).status, 409);
  });

  const pipelines: readonly (readonly [why: string, body: Json, message: RegExp])[] = [
    ["no destination", { destinations: [] }, /exactly one destination is supported per pipeline$/],
    ["workflows", { destinations: [{ workflow: "w" }] }, /destinations\[0\].workflow is not supported by homerun/],
    [
      "mediations",
      { destinations: [ENDPOINT], mediations: [{ transformation: { transformationTemplate: "x" } }] },
      /pipeline.mediations is not supported/,
    ],
    [
      "bindings",
      { destinations: [{ httpEndpoint: { uri: "http://a/", messageBindingTemplate: "x" } }] },
      /message_binding_template is not supported/,
    ],
    ["Avro", { destinations: [ENDPOINT], inputPayloadFormat: { avro: {} } }, /input_payload_format.avro is not/],
    ["many attempts", { destinations: [ENDPOINT], retryPolicy: { maxAttempts: 101 } }, /must be between 1 and 100$/],
    ["an unknown bus", { destinations: [{ messageBus: `${PARENT}/messageBuses/none` }] }, /was not found$/],
  ];
  for (const [why, body, message] of pipelines)
    test(`refuses pipelines with ${why}`, async () =>
      assert.match(await refusalOf(ask("pipelines", "pipelineId", "x", body)), message));

  test("refuses enrollments that cannot work, and events that are none", async () => {
    const destination = `${PARENT}/pipelines/archive`;
    const enrollment = (body: Json) => refusalOf(ask("enrollments", "enrollmentId", "x", { messageBus: BUS, ...body }));
    assert.match(await enrollment({ celMatch: "message.type ==", destination }), /invalid CEL expression: /);
    assert.match(await enrollment({ celMatch: "true", destination: `${PARENT}/pipelines/none` }), /was not found$/);
    assert.match(await refusalOf(publish({})), /version "" of CloudEvents is not supported$/);
    assert.equal((await publish(event("x"), `${PARENT}/messageBuses/none`)).status, 404);
    const avro = booted.api.json("POST", `/eventarcpublishing/v1/${BUS}:publish`, { avroMessage: "aGk=" });
    assert.match(await refusalOf(avro), /avro_message is not supported/);
    assert.equal((await booted.call("GET", `${PARENT}/googleApiSources`)).status, 501);
  });
});
