import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../../tests/support/boot-api.ts";
import { outboxIsEmpty, recordPublishes } from "../../../../tests/support/recorded-publishes.ts";
import { ConfigServiceV2 } from "../../../gen/google/logging/v2/logging_config_pb.js";
import type { Principal } from "../../../wire/credentials/principal.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { logging } from "../module.ts";

type Json = Record<string, unknown>;

const TOPIC = "pubsub.googleapis.com/projects/demo/topics/logs";
const WRITER = `service-${projectNumberOf("demo")}@gcp-sa-logging.iam.gserviceaccount.com`;

describe("sinks", () => {
  const pubsub = recordPublishes();
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [pubsub.module, logging(deps)]);
  });
  after(() => api[Symbol.asyncDispose]());
  beforeEach(async () => {
    const { body } = await api.json("GET", "/v2/projects/demo/sinks");
    for (const { name } of body["sinks"] as { name: string }[])
      await api.json("DELETE", `/v2/projects/demo/sinks/${name}`);
    pubsub.take();
  });

  const make = (sink: Json, query = "?uniqueWriterIdentity=true") =>
    api.json("POST", `/v2/projects/demo/sinks${query}`, { destination: TOPIC, ...sink });
  const names = async () =>
    ((await api.json("GET", "/v2/projects/demo/sinks")).body["sinks"] as Json[]).map(({ name }) => name);
  const write = async (...entries: Json[]) => {
    const given = entries.map((entry) => ({ logName: "projects/demo/logs/app", ...entry }));
    assert.equal((await api.json("POST", "/v2/entries:write", { entries: given })).status, 200);
  };
  const exported = async () => {
    await outboxIsEmpty(api, "logging_outbox");
    return pubsub.take();
  };
  const kept = async () => {
    const request = { resourceNames: ["projects/demo"], filter: 'logName="projects/demo/logs/app"' };
    const { body } = await api.json("POST", "/v2/entries:list", request);
    return ((body["entries"] ?? []) as Json[]).map(({ textPayload }) => textPayload);
  };

  test("are made, got, listed, updated by mask and deleted", async () => {
    const made = await make({ name: "errors", filter: "severity>=ERROR", description: "What went wrong" });
    const { createTime, updateTime, ...rest } = made.body;
    assert.deepEqual(rest, {
      name: "errors",
      destination: TOPIC,
      filter: "severity>=ERROR",
      description: "What went wrong",
      writerIdentity: `serviceAccount:${WRITER}`,
    });
    assert.ok(createTime && updateTime);
    assert.deepEqual((await api.json("GET", "/v2/projects/demo/sinks/errors")).body, made.body);
    assert.deepEqual(await names(), ["_Default", "_Required", "errors"]);
    const first = await api.json("GET", "/v2/projects/demo/sinks?pageSize=2");
    const token = first.body["nextPageToken"] as string;
    const second = await api.json("GET", `/v2/projects/demo/sinks?pageSize=2&pageToken=${token}`);
    assert.deepEqual(
      (second.body["sinks"] as Json[]).map(({ name }) => name),
      ["errors"],
    );
    const path = `/v2/projects/${projectNumberOf("demo")}/sinks/errors?uniqueWriterIdentity=true&updateMask=filter,disabled`;
    const changed = await api.json("PATCH", path, { filter: "", disabled: true, description: "not in the mask" });
    assert.deepEqual(
      [changed.body["filter"], changed.body["disabled"], changed.body["description"]],
      [undefined, true, "What went wrong"],
    );
    const again = await make({ name: "errors" });
    assert.deepEqual([again.status, messageOf(again)], [409, "Sink errors already exists"]);
    assert.equal((await api.json("DELETE", "/v2/projects/demo/sinks/errors")).status, 200);
    const gone = await api.json("GET", "/v2/projects/demo/sinks/errors");
    assert.deepEqual([gone.status, messageOf(gone)], [404, "Sink errors does not exist"]);
  });

  test("without an identity of their own share one, and do not lose theirs", async () => {
    const shared = await make({ name: "shared" }, "");
    assert.equal(shared.body["writerIdentity"], "serviceAccount:cloud-logs@system.gserviceaccount.com");
    const update = { destination: TOPIC };
    const own = await api.json("PUT", "/v2/projects/demo/sinks/shared?uniqueWriterIdentity=true", update);
    assert.equal(own.body["writerIdentity"], `serviceAccount:${WRITER}`);
    assert.equal((await api.json("PUT", "/v2/projects/demo/sinks/shared", update)).status, 400);
  });

  test("that are not valid are refused, and destinations that are not served by name", async () => {
    const refusal = async (sink: Json) => {
      const answer = await make({ name: "x", ...sink });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      return messageOf(answer);
    };
    for (const name of ["-x", "a b", "x".repeat(101), "_Default", "_Other"]) await refusal({ name });
    assert.match(await refusal({ destination: "bigquery.googleapis.com/projects/demo/datasets/d" }), /bigquery/);
    assert.match(await refusal({ destination: "logging.googleapis.com/projects/demo" }), /logging/);
    assert.match(await refusal({ destination: "projects/demo/topics/logs" }), /Invalid destination/);
    assert.match(await refusal({ filter: "severity>=" }), /Unparseable filter/);
    assert.match(await refusal({ exclusions: [{ name: "e" }] }), /required/);
    assert.match(await refusal({ exclusions: [1, 2].map(() => ({ name: "e", filter: "a" })) }), /two exclusions/);
    const folder = await api.json("GET", "/v2/folders/1/sinks");
    assert.equal(folder.status, 400);
  });

  test("export the entries that match as Google's JSON, as their writer", async () => {
    await make({ name: "errors", filter: "severity>=ERROR", exclusions: [{ name: "noise", filter: '"noise"' }] });
    const [label, timestamp] = [{ team: "blue" }, "2026-11-21T10:00:00Z"];
    await write(
      { severity: "INFO", textPayload: "quiet" },
      { severity: "ERROR", textPayload: "loud", labels: label, timestamp },
      { severity: "ERROR", textPayload: "only noise" },
    );
    await write({ severity: "ERROR", textPayload: "elsewhere", logName: "projects/other/logs/app" });
    const [message, ...others] = await exported();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [message!.topic, message!.publisher, message!.attributes],
      ["projects/demo/topics/logs", WRITER, { "logging.googleapis.com/timestamp": timestamp }],
    );
    const { insertId, receiveTimestamp, ...entry } = JSON.parse(message!.data) as Json;
    assert.ok(insertId && receiveTimestamp);
    const resource = { type: "global" };
    const logName = "projects/demo/logs/app";
    assert.deepEqual(entry, { logName, resource, severity: "ERROR", textPayload: "loud", labels: label, timestamp });
    await api.json("PATCH", "/v2/projects/demo/sinks/errors?uniqueWriterIdentity=true&updateMask=disabled", {
      disabled: true,
    });
    await write({ severity: "ERROR", textPayload: "unheard" });
    assert.deepEqual(await exported(), []);
  });

  test("_Default keeps entries out of the log that sinks still get, and _Required stays as it is", async () => {
    await make({ name: "all", filter: 'logName:"/logs/app"' });
    const exclusions = [{ name: "chatter", filter: "severity<WARNING" }];
    const update = await api.json("PATCH", "/v2/projects/demo/sinks/_Default?updateMask=exclusions", { exclusions });
    assert.deepEqual(update.body["exclusions"], exclusions);
    assert.match(update.body["filter"] as string, /^NOT LOG_ID\("cloudaudit.googleapis.com\/activity"\) AND/);
    await write({ severity: "INFO", textPayload: "excluded" }, { severity: "ERROR", textPayload: "not excluded" });
    const audit = "projects/demo/logs/cloudaudit.googleapis.com%2Factivity";
    await write({ logName: audit, severity: "INFO", textPayload: "required" });
    assert.ok(!(await kept()).includes("excluded"));
    assert.ok((await kept()).includes("not excluded"));
    assert.deepEqual(
      (await exported()).map(({ data }) => (JSON.parse(data) as Json)["textPayload"]),
      ["excluded", "not excluded"],
    );
    const { body } = await api.json("POST", "/v2/entries:list", {
      resourceNames: ["projects/demo"],
      filter: 'log_id("cloudaudit.googleapis.com/activity") textPayload="required"',
    });
    assert.equal((body["entries"] as Json[]).length, 1);
    await api.json("PATCH", "/v2/projects/demo/sinks/_Default?updateMask=exclusions", {});
    const fixed = await api.json("PATCH", "/v2/projects/demo/sinks/_Required?updateMask=disabled", { disabled: true });
    assert.equal(fixed.status, 400);
    assert.equal((await api.json("DELETE", "/v2/projects/demo/sinks/_Required")).status, 400);
    assert.equal((await api.json("DELETE", "/v2/projects/demo/sinks/_Default")).status, 400);
  });

  test("of a service's agent are seen by it alone", async () => {
    const agent: Principal = { kind: "serviceAgent", email: "service-1@gcp-sa-eventarc.iam.gserviceaccount.com" };
    const client = api.api.deps.clients.of(ConfigServiceV2, agent);
    const sink = { name: "eventarc-audit", destination: TOPIC, filter: 'textPayload="event"' };
    await client.createSink({ parent: "projects/demo", sink, uniqueWriterIdentity: true });
    assert.deepEqual(await names(), ["_Default", "_Required"]);
    assert.equal((await api.json("GET", "/v2/projects/demo/sinks/eventarc-audit")).status, 404);
    assert.equal((await api.json("DELETE", "/v2/projects/demo/sinks/eventarc-audit")).status, 404);
    assert.equal((await client.getSink({ sinkName: "projects/demo/sinks/eventarc-audit" })).name, "eventarc-audit");
    await write({ textPayload: "event" });
    assert.equal((await exported()).length, 1);
    await client.deleteSink({ sinkName: "projects/demo/sinks/eventarc-audit" });
  });
});

test("sinks and what they have to export outlive a restart", async () => {
  const pubsub = recordPublishes();
  const define = (deps: Parameters<Parameters<typeof bootApi>[0]>[0]) => [pubsub.module, logging(deps)];
  const entries = [{ logName: "projects/demo/logs/app", textPayload: "late" }];
  let dataDir = "";
  {
    await using api = await bootApi(define, { keepData: true });
    ({ dataDir } = api);
    await api.json("POST", "/v2/projects/demo/sinks", { name: "all", destination: TOPIC, filter: "textPayload:*" });
    pubsub.failNext(1_000);
    await api.json("POST", "/v2/entries:write", { entries });
  }
  pubsub.failNext(0);
  await using api = await bootApi(define, { dataDir });
  await api.json("POST", "/v2/entries:write", { entries: [{ ...entries[0], textPayload: "later" }] });
  await outboxIsEmpty(api, "logging_outbox");
  const seen = pubsub.take().map(({ data }) => (JSON.parse(data) as Json)["textPayload"]);
  assert.deepEqual(seen, ["late", "later"]);
});

function messageOf({ body }: { readonly body: Json }): string {
  return (body["error"] as { message: string }).message;
}
