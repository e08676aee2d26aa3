import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pubsub } from "../../src/services/pubsub/module.ts";
import type { BootedApi } from "../support/boot-api.ts";
import { bootCloudBuild, createTestBuilder } from "../support/boot-cloudbuild.ts";
import { quietLogging } from "../support/quiet-logging.ts";

type Json = Record<string, unknown>;
interface Received {
  readonly attributes: Record<string, string>;
  readonly data: string;
}

const REGIONAL = "projects/demo/locations/us-central1";

describe("what services tell Pub/Sub", () => {
  const builder = createTestBuilder();
  let api: BootedApi;
  before(async () => {
    api = await bootCloudBuild(builder, { others: (deps) => [quietLogging(), pubsub(deps)] });
  });
  after(() => api[Symbol.asyncDispose]());

  async function call(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await api.json(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A topic and a subscription to it of the same name. */
  async function subscribe(name: string): Promise<void> {
    await call("PUT", `/pubsub/v1/projects/demo/topics/${name}`, {});
    const topic = `projects/demo/topics/${name}`;
    await call("PUT", `/pubsub/v1/projects/demo/subscriptions/${name}`, { topic });
  }

  /** Pulls until so many messages have come. */
  async function pull(subscription: string, count: number): Promise<Received[]> {
    const received: Received[] = [];
    const path = `/pubsub/v1/projects/demo/subscriptions/${subscription}`;
    while (received.length < count) {
      const { receivedMessages = [] } = (await call("POST", `${path}:pull`, { maxMessages: 10 })) as {
        receivedMessages?: { ackId: string; message: { attributes?: Record<string, string>; data?: string } }[];
      };
      for (const { message } of receivedMessages) {
        const data = Buffer.from(message.data ?? "", "base64").toString();
        received.push({ attributes: message.attributes ?? {}, data });
      }
      const ackIds = receivedMessages.map(({ ackId }) => ackId);
      if (ackIds.length > 0) await call("POST", `${path}:acknowledge`, { ackIds });
    }
    return received;
  }

  test("an uploaded object is told to the topic of its bucket's notification configuration", async () => {
    await subscribe("uploads");
    await call("POST", "/storage/v1/b?project=demo", { name: "watched" });
    const config = { topic: "//pubsub.googleapis.com/projects/demo/topics/uploads", payload_format: "JSON_API_V1" };
    await call("POST", "/storage/v1/b/watched/notificationConfigs", config);
    const refused = await api.json("POST", "/storage/v1/b/watched/notificationConfigs", {
      ...config,
      topic: "projects/demo/topics/none",
    });
    assert.match(
      (refused.body["error"] as { message: string }).message,
      /^Cloud Pub\/Sub topic '.*' not found, or user/,
    );
    const upload = `${api.url}/upload/storage/v1/b/watched/o?uploadType=media&name=a.txt`;
    assert.equal((await fetch(upload, { method: "POST", body: "hello" })).status, 200);
    const [message] = await pull("uploads", 1);
    assert.equal(message!.attributes["eventType"], "OBJECT_FINALIZE");
    const { name, size } = JSON.parse(message!.data) as Json;
    assert.deepEqual([name, size], ["a.txt", "5"]);
  });

  test("a message starts the build of a trigger by its subscription, and the build is told to cloud-builds", async () => {
    await subscribe("cloud-builds");
    const topic = "projects/demo/topics/requests";
    await call("PUT", `/pubsub/v1/${topic}`, {});
    const triggers = `/cloudbuild/v1/${REGIONAL}/triggers`;
    const image = "us-central1-docker.pkg.dev/demo/r/hello";
    const pack = { name: "gcr.io/k8s-skaffold/pack", args: ["build", image, "--publish", "--env", "TAG=$_TAG"] };
    const substitutions = { _TAG: "$(body.message.data.tag)" };
    const trigger = { name: "by-message", pubsubConfig: { topic }, build: { steps: [pack] }, substitutions };
    await call("POST", triggers, trigger);
    const stateOf = async () => ((await call("GET", `${triggers}/by-message`))["pubsubConfig"] as Json)["state"];
    await api.api.wakeups.idle();
    assert.equal(await stateOf(), "OK");
    const data = Buffer.from(JSON.stringify({ tag: "v7" })).toString("base64");
    await call("POST", `/pubsub/v1/${topic}:publish`, { messages: [{ data }] });
    const told = await pull("cloud-builds", 3);
    assert.deepEqual(
      told.map(({ attributes }) => attributes["status"]),
      ["QUEUED", "WORKING", "SUCCESS"],
    );
    const builds = told.map((message) => JSON.parse(message.data) as Json);
    assert.deepEqual(new Set(told.map(({ attributes }) => attributes["buildId"])).size, 1);
    assert.deepEqual(
      builds.map(({ status }) => status),
      ["QUEUED", "WORKING", "SUCCESS"],
    );
    assert.deepEqual(builder.requests.at(-1)!.env, { TAG: "v7" });

    const forged = `${api.url}/cloudbuild/v1/${REGIONAL}/triggers/by-message:webhook?secret=guess`;
    const headers = { "sec-fetch-site": "cross-site", "content-type": "application/json" };
    const refused = await fetch(forged, {
      method: "POST",
      headers,
      body: JSON.stringify({ message: { messageId: "1" } }),
    });
    assert.equal(refused.status, 403);

    await call("DELETE", `${triggers}/by-message`);
    await api.api.wakeups.idle();
    const gone = await api.json("GET", "/pubsub/v1/projects/demo/subscriptions/gcb-by-message");
    assert.equal(gone.status, 404);
  });
});
