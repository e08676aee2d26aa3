import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { zipOf } from "../support/archives.ts";
import { deploy, LOCATION, operationOf } from "../support/real-functions.ts";
import type { JsonAnswer, RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const PROJECT = "projects/homerun-local";
const GUARD = "guardian@homerun-local.iam.gserviceaccount.com";
const CODE = `
const functions = require("@google-cloud/functions-framework");
const attempts = new Map();
const enter = (event) => {
  const attempt = (attempts.get(event.id) ?? 0) + 1;
  attempts.set(event.id, attempt);
  console.log(JSON.stringify({ message: "entered", attempt, event }));
  return attempt;
};
functions.cloudEvent("record", enter);
functions.cloudEvent("shaky", (event) => {
  if (enter(event) < 3) throw new Error("not yet");
});
functions.cloudEvent("broken", (event) => {
  enter(event);
  throw new Error("never");
});
`;

const readExample = (file: string) =>
  readFile(join(import.meta.dirname, "..", "..", "examples", "hello-http", file), "utf8");

interface Entered {
  readonly attempt: number;
  readonly event: { readonly id: string; readonly data: Record<string, unknown> } & Record<string, unknown>;
}

describe("event functions on a real server", () => {
  let server: RealServer;
  let archive: Buffer;

  before(async () => {
    // Dependencies that have been built before.
    const [manifest, lock] = await Promise.all(["package.json", "package-lock.json"].map(readExample));
    archive = await zipOf({ "index.js": CODE, "package.json": manifest!, "package-lock.json": lock! });
    server = await startWarmServer(["--clock=manual"]);
  });
  after(() => server[Symbol.asyncDispose]());

  const onTopic = (id: string, more: object = {}) => ({
    eventType: "google.cloud.pubsub.topic.v1.messagePublished",
    pubsubTopic: `${PROJECT}/topics/${id}`,
    ...more,
  });

  async function deployed(id: string, entryPoint: string, eventTrigger: Record<string, unknown>): Promise<void> {
    const serviceConfig = { ingressSettings: "ALLOW_INTERNAL_ONLY" };
    await deploy(server, id, { archive, entryPoint, eventTrigger, serviceConfig }, { isPublic: false });
  }

  async function ok(answer: Promise<JsonAnswer>): Promise<Record<string, unknown>> {
    const { status, body } = await answer;
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  async function publish(topic: string, text: string): Promise<string> {
    const messages = [{ data: Buffer.from(text).toString("base64"), attributes: { from: "here" } }];
    const body = await ok(server.json("POST", `/pubsub/v1/${PROJECT}/topics/${topic}:publish`, { messages }));
    return (body["messageIds"] as [string])[0];
  }

  /** What a function said when it was entered, oldest first. */
  async function entered(id: string): Promise<Entered[]> {
    const filter = `resource.labels.service_name="${id}" jsonPayload.message="entered"`;
    return (await entries(filter)).map(({ jsonPayload }) => jsonPayload as Entered);
  }

  async function entries(filter: string): Promise<Record<string, unknown>[]> {
    const request = { resourceNames: [PROJECT], filter, orderBy: "timestamp asc" };
    const { body } = await server.json("POST", "/logging/v2/entries:list", request);
    return (body["entries"] ?? []) as Record<string, unknown>[];
  }

  const enteredTimes = (id: string, count: number) =>
    until(async () => {
      const all = await entered(id);
      return all.length >= count && all;
    });

  const advance = (duration: string) => ok(server.json("POST", "/clock/v1/clock:advance", { duration }));

  /** Moves time on, past one pause after the other, until something is so. */
  async function advanceUntil(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await advance("30s");
  }

  test("a message that is published enters the function as a CloudEvent", async () => {
    await deployed("record", "record", onTopic("orders"));
    const messageId = await publish("orders", "two eggs");
    const [{ event }] = (await enteredTimes("record", 1)) as [Entered];
    assert.equal(event["type"], "google.cloud.pubsub.topic.v1.messagePublished");
    assert.equal(event["source"], `//pubsub.googleapis.com/${PROJECT}/topics/orders`);
    assert.equal(event["specversion"], "1.0");
    const message = event.data["message"] as Record<string, unknown>;
    assert.equal(Buffer.from(String(message["data"]), "base64").toString(), "two eggs");
    assert.deepEqual([message["messageId"], message["attributes"]], [messageId, { from: "here" }]);
    assert.match(String(event.data["subscription"]), /\/subscriptions\/eventarc-us-central1-record-\d{6}-sub-\d{3}$/);
  });

  test("an object that is uploaded enters the function, with its metadata", async () => {
    await ok(server.json("POST", "/storage/v1/b?project=homerun-local", { name: "photos", location: "us-central1" }));
    const eventFilters = [{ attribute: "bucket", value: "photos" }];
    await deployed("uploads", "record", { eventType: "google.cloud.storage.object.v1.finalized", eventFilters });
    await ok(server.json("POST", "/upload/storage/v1/b/photos/o?uploadType=media&name=cat.json", { cat: 1 }));
    const [{ event }] = (await enteredTimes("uploads", 1)) as [Entered];
    assert.equal(event["type"], "google.cloud.storage.object.v1.finalized");
    assert.equal(event["source"], "//storage.googleapis.com/projects/_/buckets/photos");
    assert.equal(event["subject"], "objects/cat.json");
    const { bucket, name, size } = event.data;
    assert.deepEqual([bucket, name, String(size)], ["photos", "cat.json", "9"]);
  });

  test("an event that fails comes again, after pauses that grow, until the function succeeds", async () => {
    await deployed("shaky", "shaky", onTopic("shaky", { retryPolicy: "RETRY_POLICY_RETRY" }));
    await publish("shaky", "x");
    await enteredTimes("shaky", 1);
    await advance("5s");
    assert.equal((await entered("shaky")).length, 1);
    await advanceUntil(async () => (await entered("shaky")).length >= 3);
    await advance("3600s");
    const all = await entered("shaky");
    assert.deepEqual(
      all.map(({ attempt, event }) => [attempt, event.id]),
      [1, 2, 3].map((attempt) => [attempt, all[0]!.event.id]),
    );
  });

  test("without a retry policy an event that fails is dropped after one attempt, and that is logged", async () => {
    await deployed("broken", "broken", onTopic("broken"));
    const messageId = await publish("broken", "x");
    await enteredTimes("broken", 1);
    await until(async () => {
      const lines = (await server.log()).split("\n").filter((line) => line.includes(messageId));
      return lines.some((line) => line.includes("dropped after its last attempt"));
    });
    await advance("3600s");
    assert.equal((await entered("broken")).length, 1);
  });

  test("a service account that may not invoke is refused until it may", async () => {
    await ok(server.json("POST", `/iam/v1/${PROJECT}/serviceAccounts`, { accountId: "guardian" }));
    const more = { retryPolicy: "RETRY_POLICY_RETRY", serviceAccountEmail: GUARD };
    await deployed("guarded", "record", onTopic("guarded", more));
    await publish("guarded", "x");
    const refused = 'resource.labels.service_name="guarded" httpRequest.status=403';
    await until(async () => (await entries(refused)).length > 0);
    assert.deepEqual(await entered("guarded"), []);
    const policy = { bindings: [{ role: "roles/run.invoker", members: [`serviceAccount:${GUARD}`] }] };
    await ok(server.json("POST", `/run/v2/${LOCATION}/services/guarded:setIamPolicy`, { policy }));
    await advanceUntil(async () => (await entered("guarded")).length > 0);
  });

  test("a function that is deleted leaves neither trigger nor subscription nor transport behind", async () => {
    for (const id of ["record", "uploads", "shaky", "broken", "guarded"]) {
      const answer = await server.json("DELETE", `/cloudfunctions/v2/${LOCATION}/functions/${id}`);
      assert.equal((await operationOf(server, answer)).error, undefined);
    }
    assert.deepEqual(await ok(server.json("GET", `/eventarc/v1/${LOCATION}/triggers`)), {});
    assert.deepEqual(await ok(server.json("GET", `/pubsub/v1/${PROJECT}/subscriptions`)), {});
    const { topics } = await ok(server.json("GET", `/pubsub/v1/${PROJECT}/topics`));
    const names = (topics as { name: string }[]).map(({ name }) => name.split("/").at(-1)!);
    assert.deepEqual(
      names.toSorted((a, b) => a.localeCompare(b)),
      ["broken", "guarded", "orders", "shaky"],
    );
    assert.deepEqual(await ok(server.json("GET", "/storage/v1/b/photos/notificationConfigs")), {
      kind: "storage#notifications",
    });
  });
});
