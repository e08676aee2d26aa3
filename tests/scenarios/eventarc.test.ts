import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { deploy, LOCATION } from "../support/real-functions.ts";
import type { JsonAnswer, RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

type Json = Record<string, unknown>;
interface Received {
  readonly headers: Record<string, string>;
  /** Base64. */
  readonly body: string;
}

const PROJECT = "projects/homerun-local";
const SERVICES = `/run/v2/${LOCATION}/services`;
const SECRETS = "google.cloud.secretmanager.v1.SecretManagerService";
const OBJECT = "google.cloud.storage.object.v1";
const DOCUMENT = "google.cloud.firestore.document.v1.written";

/** Logs each request with its path; the first one to /shaky fails. */
const APP = `
let failures = 1;
require("node:http").createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const path = new URL(request.url, "http://x").pathname;
    const body = Buffer.concat(chunks).toString("base64");
    console.log(JSON.stringify({ message: "received " + path, url: request.url, headers: request.headers, body }));
    response.writeHead(path === "/shaky" && failures-- > 0 ? 503 : 204).end();
  });
}).listen(process.env.PORT);
`;

describe("Eventarc brings events to a service", () => {
  let server: RealServer;
  let account: string;

  before(async () => {
    server = await startWarmServer(["--clock=manual"]);
    await deploy(server, "hello", { code: "exports.hello = (req, res) => res.send('hello');" });
    const { body } = await server.json("GET", `${SERVICES}/hello`);
    const [{ image }] = (body["template"] as { containers: [{ image: string }] }).containers;
    account = String(
      (await server.json("GET", "/cloudresourcemanager/v1/projects/homerun-local")).body["projectNumber"],
    );
    account = `${account}-compute@developer.gserviceaccount.com`;
    const containers = [{ image, command: ["node"], args: ["-e", APP] }];
    await done(server.json("POST", `${SERVICES}?serviceId=sink`, { template: { containers } }), "run/v2");
    const bindings = [{ role: "roles/run.invoker", members: [`serviceAccount:${account}`] }];
    await ok(server.json("POST", `${SERVICES}/sink:setIamPolicy`, { policy: { bindings } }));
    const versioning = { enabled: true };
    const bucket = (name: string, more = {}) =>
      server.json("POST", "/storage/v1/b?project=homerun-local", { name, location: "us-central1", ...more });
    await ok(bucket("photos"));
    await ok(bucket("archive", { versioning }));
  });
  after(() => server[Symbol.asyncDispose]());

  async function ok(answer: Promise<JsonAnswer>): Promise<Json> {
    const { status, body } = await answer;
    assert.ok(status < 300, JSON.stringify(body));
    return body;
  }

  /** The response of an operation. */
  async function done(answer: Promise<JsonAnswer>, api: string): Promise<Json> {
    const { name } = await ok(answer);
    const operation = await until(async () => {
      const { body } = await server.json("GET", `/${api}/${String(name)}`);
      return body["done"] === true && body;
    });
    assert.ok(operation["response"], JSON.stringify(operation));
    return operation["response"] as Json;
  }

  /** Makes a trigger whose events go to the service, at a path that is the trigger's id. */
  const trigger = (id: string, filters: Readonly<Record<string, string>>, more: Json = {}) =>
    done(
      server.json("POST", `/eventarc/v1/${LOCATION}/triggers?triggerId=${id}`, {
        eventFilters: Object.entries(filters).map(([attribute, value]) => ({
          attribute,
          value,
          ...(value.includes("*") && { operator: "match-path-pattern" }),
        })),
        destination: { cloudRun: { service: "sink", region: "us-central1", path: `/${id}` } },
        serviceAccount: account,
        ...more,
      }),
      "eventarc/v1",
    );

  /** What came to a path, oldest first. */
  async function received(path: string): Promise<Received[]> {
    const filter = `jsonPayload.message="received /${path}"`;
    const request = { resourceNames: [PROJECT], filter, orderBy: "timestamp asc" };
    const { body } = await server.json("POST", "/logging/v2/entries:list", request);
    return ((body["entries"] ?? []) as { jsonPayload: Received }[]).map(({ jsonPayload }) => jsonPayload);
  }
  const first = (path: string) => until(async () => (await received(path))[0] ?? false);
  const dataOf = ({ body }: Received) => JSON.parse(Buffer.from(body, "base64").toString()) as Json;
  const attributesOf = ({ headers }: Received) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("ce-") || name === "content-type"));

  const upload = (bucket: string, text: string) =>
    ok(server.json("POST", `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=in/cat.json`, { text }));

  test("messages, with the identity of the trigger's account", async () => {
    const made = await trigger("messages", { type: "google.cloud.pubsub.topic.v1.messagePublished" });
    const { topic, subscription } = (made["transport"] as { pubsub: Record<string, string> }).pubsub;
    const messages = [{ data: Buffer.from("two eggs").toString("base64"), attributes: { from: "here" } }];
    const published = await ok(server.json("POST", `/pubsub/v1/${topic}:publish`, { messages }));
    const [id] = published["messageIds"] as [string];
    const event = await first("messages");
    const { "ce-time": time, ...attributes } = attributesOf(event);
    assert.match(time!, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(attributes, {
      "ce-id": id,
      "ce-source": `//pubsub.googleapis.com/${topic}`,
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "content-type": "application/json",
    });
    const data = dataOf(event) as { message: Json; subscription: string };
    assert.equal(data.subscription, subscription);
    const { data: bytes, attributes: own, messageId } = data.message;
    assert.deepEqual([bytes, own, messageId], [messages[0]!.data, { from: "here" }, id]);
    const claims = JSON.parse(
      Buffer.from(event.headers["authorization"]!.split(".")[1]!, "base64url").toString(),
    ) as Json;
    const { uri } = (await server.json("GET", `${SERVICES}/sink`)).body;
    assert.deepEqual([claims["aud"], claims["email"], claims["email_verified"]], [uri, account, true]);
  });

  test("what happens to objects", async () => {
    await trigger("finalized", { type: `${OBJECT}.finalized`, bucket: "photos" });
    await trigger("metadata", { type: `${OBJECT}.metadataUpdated`, bucket: "photos" });
    await trigger("deleted", { type: `${OBJECT}.deleted`, bucket: "photos" });
    await trigger("archived", { type: `${OBJECT}.archived`, bucket: "archive" });
    const object = await upload("photos", "cat");
    await ok(server.json("PATCH", "/storage/v1/b/photos/o/in%2Fcat.json", { metadata: { mood: "good" } }));
    await ok(server.json("DELETE", "/storage/v1/b/photos/o/in%2Fcat.json"));
    await upload("archive", "old");
    await upload("archive", "new");
    for (const [path, type, bucket] of [
      ["finalized", "finalized", "photos"],
      ["metadata", "metadataUpdated", "photos"],
      ["deleted", "deleted", "photos"],
      ["archived", "archived", "archive"],
    ] as const) {
      const event = await first(path);
      const { "ce-id": id, "ce-time": time, ...attributes } = attributesOf(event);
      assert.ok(id && time);
      assert.deepEqual(attributes, {
        "ce-bucket": bucket,
        "ce-source": `//storage.googleapis.com/projects/_/buckets/${bucket}`,
        "ce-specversion": "1.0",
        "ce-subject": "objects/in/cat.json",
        "ce-type": `${OBJECT}.${type}`,
        "content-type": "application/json",
      });
      const { kind, name, bucket: from } = dataOf(event);
      assert.deepEqual([kind, name, from], ["storage#object", "in/cat.json", bucket]);
    }
    const { generation, size, md5Hash } = dataOf(await first("finalized"));
    assert.deepEqual([generation, size, md5Hash], [object["generation"], object["size"], object["md5Hash"]]);
    assert.deepEqual(dataOf(await first("metadata"))["metadata"], { mood: "good" });
  });

  test("audit log entries of one service and method, for resources that match a pattern", async () => {
    await trigger("audit", {
      type: "google.cloud.audit.log.v1.written",
      serviceName: "secretmanager.googleapis.com",
      methodName: `${SECRETS}.CreateSecret`,
      resourceName: "projects/homerun-local/secrets/wanted-*",
    });
    for (const id of ["other", "wanted-1"])
      await ok(
        server.json("POST", `/secretmanager/v1/${PROJECT}/secrets?secretId=${id}`, { replication: { automatic: {} } }),
      );
    const event = await first("audit");
    const { "ce-id": id, "ce-time": time, "ce-recordedtime": recordedTime, ...attributes } = attributesOf(event);
    assert.ok(id && time && recordedTime);
    const resource = `${PROJECT}/secrets/wanted-1`;
    assert.deepEqual(attributes, {
      "ce-dataschema":
        "https://googleapis.github.io/google-cloudevents/jsonschema/google/events/cloud/audit/v1/LogEntryData.json",
      "ce-methodname": `${SECRETS}.CreateSecret`,
      "ce-resourcename": resource,
      "ce-servicename": "secretmanager.googleapis.com",
      "ce-source": `//cloudaudit.googleapis.com/${PROJECT}/logs/activity`,
      "ce-specversion": "1.0",
      "ce-subject": `secretmanager.googleapis.com/${resource}`,
      "ce-type": "google.cloud.audit.log.v1.written",
      "content-type": "application/json; charset=utf-8",
    });
    const { protoPayload, logName } = dataOf(event) as { protoPayload: Json; logName: string };
    assert.equal(logName, `${PROJECT}/logs/cloudaudit.googleapis.com%2Factivity`);
    assert.deepEqual([protoPayload["resourceName"], "@type" in protoPayload], [resource, false]);
    assert.equal((await received("audit")).length, 1);
  });

  test("events of a channel and of Firestore that are published; what fails comes again", async () => {
    const channel = `${LOCATION}/channels/orders`;
    await done(server.json("POST", `/eventarc/v1/${LOCATION}/channels?channelId=orders`, {}), "eventarc/v1");
    await trigger("shaky", { type: "shop.order.v1.paid", team: "blue" }, { channel });
    const database = "(default)";
    const eventDataContentType = "application/protobuf";
    await trigger("document", { type: DOCUMENT, database, document: "users/*" }, { eventDataContentType });
    const publish = (to: string, event: Json) => {
      const textEvents = [JSON.stringify({ specversion: "1.0", id: "7", source: "//here", ...event })];
      return ok(server.json("POST", `/eventarcpublishing/v1/${to}:publishEvents`, { textEvents }));
    };
    await publish(channel, { type: "shop.order.v1.paid", team: "green", data: {} });
    await publish(channel, { type: "shop.order.v1.paid", team: "blue", data: { eggs: 2 } });
    const document = { name: `${PROJECT}/databases/(default)/documents/users/ann`, fields: {} };
    await publish(`${LOCATION}/channels/google`, {
      type: DOCUMENT,
      database,
      document: "users/ann",
      data: { value: document },
    });
    const written = await first("document");
    assert.deepEqual(
      [written.headers["content-type"], written.headers["ce-document"], written.headers["ce-type"]],
      [eventDataContentType, "users/ann", DOCUMENT],
    );
    assert.ok(Buffer.from(written.body, "base64").includes(document.name));
    await first("shaky");
    const attempts = await until(async () => {
      await ok(server.json("POST", "/clock/v1/clock:advance", { duration: "10s" }));
      const all = await received("shaky");
      return all.length >= 2 && all;
    });
    assert.equal(attempts.length, 2);
    for (const attempt of attempts)
      assert.deepEqual([attempt.headers["ce-team"], dataOf(attempt)], ["blue", { eggs: 2 }]);
  });
});
