import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../../tests/support/boot-api.ts";
import { grantRoles } from "../../../../tests/support/grant-roles.ts";
import { until } from "../../../../tests/support/until.ts";
import { pubsub } from "../module.ts";
import type { EventJson } from "./event-json.ts";

type Json = Record<string, unknown>;

const PROJECT = "projects/demo";
const TOPIC = `${PROJECT}/topics/news`;

describe("the record of events", () => {
  let api: BootedApi;
  let endpoint: Awaited<ReturnType<typeof listen>>;
  before(async () => {
    api = await bootApi((deps) => [pubsub(deps)]);
    endpoint = await listen();
    await call("PUT", TOPIC, {});
  });
  after(async () => {
    await endpoint[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const own = async <Answer>(method: string, path: string, body?: Json, status = 200): Promise<Answer> => {
    const answer = await api.json(method, `/pubsub/homerun/v1/${PROJECT}/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body as Answer;
  };
  const list = async (query: string) => (await own<{ events: EventJson[] }>("GET", `events?${query}`)).events;
  const publish = async (data: string) => {
    const messages = [{ data: Buffer.from(data).toString("base64") }];
    return ((await call("POST", `${TOPIC}:publish`, { messages }))["messageIds"] as string[])[0]!;
  };
  const subscribe = (id: string, fields: Json = {}) =>
    call("PUT", `${PROJECT}/subscriptions/${id}`, { topic: TOPIC, ...fields });

  test("shows each event with its attempts, and sends it again", async () => {
    const mode = encodeURIComponent(`CUSTOM_PUBSUB_${TOPIC}`);
    await subscribe("pushed", { pushConfig: { pushEndpoint: `${endpoint.url}/hook?__GCP_CloudEventsMode=${mode}` } });
    endpoint.statuses.push(503);
    const id = await publish("hello");
    await endpoint.received(2);
    const [event] = await until(async () => {
      const events = await list("subscription=pushed");
      return events[0]?.attempts.length === 2 && events;
    });
    assert.equal(event?.messageId, id);
    assert.equal(event.outcome, "DELIVERED");
    assert.deepEqual(event.event, {
      type: "google.cloud.pubsub.topic.v1.messagePublished",
      source: `//pubsub.googleapis.com/${TOPIC}`,
    });
    assert.deepEqual(
      event.attempts.map(({ attempt, outcome, httpStatus, detail }) => [attempt, outcome, httpStatus, detail]),
      [
        [1, "FAILED", 503, "status 503"],
        [2, "DELIVERED", 200, undefined],
      ],
    );
    const shown = await own<EventJson>("GET", `events/${id}`);
    assert.equal((shown.message as { data: string }).data, Buffer.from("hello").toString("base64"));

    await using other = await listen();
    const again = await own<Json>("POST", `events/${id}:replay`, { url: `${other.url}/elsewhere` });
    assert.deepEqual([again["replay"], again["outcome"], again["httpStatus"]], [true, "DELIVERED", 200]);
    assert.equal(other.requests[0]?.headers["ce-id"], id);
    assert.deepEqual(JSON.parse(other.requests[0].body), JSON.parse(endpoint.requests[1]!.body));
    await own("POST", `events/${id}:replay`);
    assert.equal((await endpoint.received(3))[2]?.headers["ce-id"], id);
    assert.equal((await own<EventJson>("GET", `events/${id}`)).attempts.length, 4);
    await call("DELETE", `${PROJECT}/subscriptions/pushed`);
  });

  test("finds what failed, by subscription, trigger and function", async () => {
    const name = "eventarc-us-central1-my-trigger-sub-123";
    endpoint.statuses.push(...Array.from({ length: 20 }, () => 500));
    await subscribe(name, {
      pushConfig: { pushEndpoint: endpoint.url, attributes: { "x-homerun-max-attempts": "2" } },
    });
    const id = await publish("dropped");
    await until(async () => (await list("trigger=my-trigger&failed=true"))[0]?.outcome === "DROPPED");
    assert.deepEqual(
      (await list("trigger=my-trigger")).map(({ messageId }) => messageId),
      [id],
    );
    assert.deepEqual(await list("trigger=other"), []);
    assert.deepEqual(await list("service=hello"), []);
    assert.equal((await list("failed=true&limit=1")).length, 1);
    const shown = (await call("GET", `${PROJECT}/subscriptions/${name}`))["pushConfig"] as Json;
    assert.deepEqual(shown["attributes"], { "x-goog-version": "v1" });
    await call("DELETE", `${PROJECT}/subscriptions/${name}`);
    endpoint.statuses.length = 0;
  });

  test("is for those who may read the subscriptions, and change them", async () => {
    const email = "reader@demo.iam.gserviceaccount.com";
    await grantRoles(api, "demo", email, "roles/pubsub.subscriber");
    const { token } = await api.api.deps.tokens.issueAccessToken(email, []);
    const headers = { authorization: `Bearer ${token}` };
    const ask = async (method: string, project: string, path: string) =>
      (await fetch(`${api.url}/pubsub/homerun/v1/projects/${project}/${path}`, { method, headers })).status;
    assert.equal(await ask("GET", "demo", "events"), 200);
    assert.equal(await ask("DELETE", "demo", "subscriptions/any/faults"), 403);
    assert.equal(await ask("GET", "other", "events"), 403);
  });

  test("refuses what it does not know", async () => {
    await own("GET", "events/1", undefined, 404);
    await own("GET", "events?limit=0", undefined, 400);
    await own("GET", "events?what=1", undefined, 400);
    await own("PUT", "subscriptions/none/faults", {}, 404);
    await subscribe("plain");
    await own("PUT", "subscriptions/plain/faults", { dropPercent: 101 }, 400);
    await own("PUT", "subscriptions/plain/faults", { delay: "1h" }, 400);
    await own("PUT", "subscriptions/plain/faults", { explode: true }, 400);
    await call("DELETE", `${PROJECT}/subscriptions/plain`);
  });

  test("faults: messages of a subscription arrive twice, or later, until they are cleared", async () => {
    await subscribe("faulty");
    const faults = { duplicatePercent: 100, delay: "0.05s", seed: 7 };
    await own("PUT", "subscriptions/faulty/faults", faults);
    assert.deepEqual(await own("GET", "faults"), {
      faults: [{ subscription: `${PROJECT}/subscriptions/faulty`, ...faults }],
    });
    const startMs = Date.now();
    const id = await publish("twice");
    const received: { ackId: string; message: { messageId: string } }[] = [];
    const pull = async () => {
      const answer = await call("POST", `${PROJECT}/subscriptions/faulty:pull`, { maxMessages: 10 });
      received.push(...((answer["receivedMessages"] ?? []) as typeof received));
      return received.length === 2;
    };
    await until(pull);
    assert.ok(Date.now() - startMs >= 50);
    assert.deepEqual(
      received.map(({ message }) => message.messageId),
      [id, id],
    );
    const ackIds = received.map(({ ackId }) => ackId);
    await call("POST", `${PROJECT}/subscriptions/faulty:acknowledge`, { ackIds });
    await own("DELETE", "subscriptions/faulty/faults");
    assert.deepEqual(await own("GET", "faults"), { faults: [] });
    const next = await publish("once");
    const answer = await call("POST", `${PROJECT}/subscriptions/faulty:pull`, { maxMessages: 10 });
    assert.deepEqual(
      (answer["receivedMessages"] as typeof received).map(({ message }) => message.messageId),
      [next],
    );
    await call("DELETE", `${PROJECT}/subscriptions/faulty`);
  });

  test("faults: a delivery that is dropped comes again, and is on record", async () => {
    await own("GET", "faults");
    await subscribe("dropping", { pushConfig: { pushEndpoint: endpoint.url } });
    await own("PUT", "subscriptions/dropping/faults", { dropPercent: 100, count: 1 });
    const id = await publish("late");
    await until(async () => (await list("subscription=dropping"))[0]?.outcome === "DELIVERED");
    const [event] = await list("subscription=dropping");
    assert.equal(event?.messageId, id);
    assert.deepEqual(
      event.attempts.map(({ outcome, endpoint: url }) => [outcome, url]),
      [
        ["FAILED", ""],
        ["DELIVERED", endpoint.url],
      ],
    );
    await call("DELETE", `${PROJECT}/subscriptions/dropping`);
  });
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An endpoint that answers the statuses it is told to, and then 200. */
async function listen() {
  const requests: Received[] = [];
  const statuses: number[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ headers: request.headers, body: await text(request) });
    const status = statuses.shift() ?? 200;
    response.writeHead(status).end(`status ${status}`);
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    requests,
    statuses,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (count: number) => until(async () => requests.length >= count && requests),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
