import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import type { RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "hello-cloudevent");
const HERE = "--region=us-central1";
const DEPLOY = ["functions", "deploy", "on-message", "--gen2", HERE, `--source=${EXAMPLE}`];
const NEW = ["--runtime=nodejs22", "--entry-point=helloEvent"];
const TRIGGERS = ["eventarc", "triggers", "list", "--location=us-central1", "--format=value(name,destination)"];

if (gcloudIsHere()) describe("gcloud functions for events, through the proxy", suite);
else console.warn("NOT RUN: gcloud functions for events; gcloud is not on the PATH");

function suite(): void {
  let server: RealServer;
  let gcloud: Gcloud;

  before(async () => {
    server = await startWarmServer();
    gcloud = await openGcloud(server);
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  /** Waits until the log of a service has a line. */
  async function logged(service: string, text: string): Promise<void> {
    const filter = `resource.labels.service_name="${service}" textPayload:"${text}"`;
    const request = { resourceNames: ["projects/homerun-local"], filter };
    await until(async () => {
      const { body } = await server.json("POST", "/logging/v2/entries:list", request);
      return body["entries"] !== undefined;
    });
  }

  const publish = (text: string) => gcloud.run("pubsub", "topics", "publish", "orders", `--message=${text}`);

  test("deploys a function with a topic that is not there yet, and a message reaches it", async () => {
    const { stdout, stderr } = await gcloud.run(...DEPLOY, ...NEW, "--trigger-topic=orders");
    for (const stage of ["Build", "Service", "Trigger"]) assert.match(stderr, new RegExp(`\\[${stage}\\].*done`, "s"));
    assert.match(stdout, /^ {2}pubsubTopic: projects\/homerun-local\/topics\/orders$/m);
    assert.match(stdout, /^ {2}retryPolicy: RETRY_POLICY_DO_NOT_RETRY$/m);
    assert.match(stdout, /^ {2}trigger: projects\/homerun-local\/locations\/us-central1\/triggers\/on-message-\d{6}$/m);
    await publish("world");
    await logged("on-message", "Hello world!");
  });

  test("lists it by what calls it, and Eventarc its trigger", async () => {
    const { stdout } = await gcloud.run("functions", "list");
    assert.match(stdout, /^on-message +ACTIVE +topic: orders +us-central1 +2nd gen$/m);
    const triggers = await gcloud.run("eventarc", "triggers", "list", "--location=us-central1");
    assert.match(
      triggers.stdout,
      /^on-message-\d{6} +\S+messagePublished +Cloud Functions: on-message +Yes +us-central1$/m,
    );
  });

  test("changes how events are tried again, and what they are", async () => {
    const before = await gcloud.run(...TRIGGERS);
    const retried = await gcloud.run(...DEPLOY, "--retry");
    assert.match(retried.stdout, /^ {2}retryPolicy: RETRY_POLICY_RETRY$/m);
    assert.equal((await gcloud.run(...TRIGGERS)).stdout, before.stdout);
    await gcloud.run("storage", "buckets", "create", "gs://gcloud-events", "--location=us-central1");
    const { stdout } = await gcloud.run(...DEPLOY, "--trigger-bucket=gcloud-events");
    assert.match(stdout, /^ {2}eventType: google\.cloud\.storage\.object\.v1\.finalized$/m);
    assert.match(
      stdout,
      /^ {2}pubsubTopic: projects\/homerun-local\/topics\/eventarc-us-central1-on-message-\d{6}-\d{3}$/m,
    );
    const after = await gcloud.run(...TRIGGERS);
    assert.notEqual(after.stdout, before.stdout);
    assert.equal(after.stdout.trim().split("\n").length, 1);
    assert.match((await gcloud.run("functions", "list")).stdout, /^on-message +ACTIVE +bucket: gcloud-events /m);
  });

  test("sends a function a CloudEvent", async () => {
    const file = join(gcloud.folder, "key.json");
    await server.homerun("key", file);
    await using owner = await openGcloud(server, { changes: { CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "false" } });
    await owner.run("auth", "activate-service-account", `--key-file=${file}`);
    const data = { message: { data: Buffer.from("by hand").toString("base64") } };
    const event = { specversion: "1.0", id: "1", type: "test", source: "//here", data };
    await owner.run("functions", "call", "on-message", "--gen2", HERE, `--cloud-event=${JSON.stringify(event)}`);
    await logged("on-message", "Event 1 of type test from //here");
    await logged("on-message", "Hello by hand!");
  });

  test("lists the types of events", async () => {
    const { stdout } = await gcloud.run("functions", "event-types", "list", "--gen2");
    for (const type of ["pubsub.topic.v1.messagePublished", "storage.object.v1.finalized", "audit.log.v1.written"])
      assert.match(stdout, new RegExp(`^google\\.cloud\\.${type.replaceAll(".", "\\.")} `, "m"));
  });

  test("gives the function of a service a trigger of its own", async () => {
    const flags = ["--function=helloEvent", "--base-image=nodejs22", "--no-allow-unauthenticated"];
    await gcloud.run("run", "deploy", "by-run", HERE, `--source=${EXAMPLE}`, ...flags);
    const { body } = await server.json("GET", "/cloudresourcemanager/v1/projects/homerun-local");
    await gcloud.run(
      "eventarc",
      "triggers",
      "create",
      "of-my-own",
      "--location=us-central1",
      "--destination-run-service=by-run",
      "--event-filters=type=google.cloud.pubsub.topic.v1.messagePublished",
      "--transport-topic=orders",
      `--service-account=${String(body["projectNumber"])}-compute@developer.gserviceaccount.com`,
    );
    await publish("run");
    await logged("by-run", "Hello run!");
  });

  test("deletes it with its trigger", async () => {
    await gcloud.run("functions", "delete", "on-message", "--gen2", HERE, "--quiet");
    const { stdout } = await gcloud.run(
      "eventarc",
      "triggers",
      "list",
      "--location=us-central1",
      "--format=value(name)",
    );
    assert.match(stdout, /of-my-own\s*$/);
    assert.doesNotMatch(stdout, /on-message/);
  });
}
