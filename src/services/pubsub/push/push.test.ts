import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, beforeEach, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../../tests/support/boot-api.ts";
import { until } from "../../../../tests/support/until.ts";
import { createManualClock, type ManualClock } from "../../../platform/manual-clock.ts";
import { pubsub } from "../module.ts";

type Json = Record<string, unknown>;

interface Pushed {
  readonly deliveryAttempt?: number;
  readonly message: { readonly data: string; readonly messageId: string; readonly orderingKey?: string };
}

const PROJECT = "projects/demo";

describe("push subscriptions", () => {
  let api: BootedApi;
  let clock: ManualClock;
  let url: string;
  let pushed: Pushed[] = [];
  let answer: (body: Pushed, request: IncomingMessage) => number = () => 200;
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(await text(request)) as Pushed;
    pushed.push(body);
    response.writeHead(answer(body, request)).end();
  };
  const endpoint = createServer((request, response) => void receive(request, response));
  before(async () => {
    clock = createManualClock(Date.now());
    api = await bootApi((deps) => [pubsub(deps)], { clock });
    endpoint.listen(0, "127.0.0.1");
    await once(endpoint, "listening");
    url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
  });
  beforeEach(() => {
    [pushed, answer] = [[], () => 200];
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    endpoint.closeAllConnections();
    endpoint.close();
  });

  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const { status: actual, body: content } = await api.json(method, `/v1/${PROJECT}/${path}`, body);
    assert.equal(actual, status, JSON.stringify(content));
    return content;
  };
  const subscribe = async (id: string, fields: Json = {}) => {
    await call("PUT", `topics/${id}`, {});
    // Long enough for acknowledgements that are under way while time is moved on.
    const defaults = { topic: `${PROJECT}/topics/${id}`, pushConfig: { pushEndpoint: url }, ackDeadlineSeconds: 600 };
    await call("PUT", `subscriptions/${id}`, { ...defaults, ...fields });
  };
  const publish = (id: string, ...messages: Json[]) =>
    call("POST", `topics/${id}:publish`, { messages: messages.map((each) => ({ data: "eA==", ...each })) });
  const pull = async (id: string) =>
    ((await call("POST", `subscriptions/${id}:pull`, { maxMessages: 10, returnImmediately: true }))[
      "receivedMessages"
    ] ?? []) as { message: Json }[];
  const pushes = (count: number) => until(async () => pushed.length >= count && pushed);

  test("a message is pushed when it is published, once", async () => {
    await subscribe("plain");
    await publish("plain", {});
    await pushes(1);
    clock.advance(300_000);
    await publish("plain", { data: "Mg==" });
    assert.deepEqual(
      (await pushes(2)).map(({ message }) => message.data),
      ["eA==", "Mg=="],
    );
    await call("DELETE", "subscriptions/plain");
  });

  test("with a retry policy a message comes again after its own back-off, and others meanwhile", async () => {
    await subscribe("retried", { retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" } });
    answer = ({ message }) => (message.data === "YmFk" ? 503 : 200);
    await publish("retried", { data: "YmFk" });
    await pushes(1);
    await publish("retried", {});
    await pushes(2);
    for (const [count, backoffMs] of [10_000, 20_000, 40_000].entries()) {
      await until(async () => {
        clock.advance(backoffMs / 4);
        return pushed.length === count + 3;
      });
    }
    assert.deepEqual(
      pushed.map(({ message }) => message.data),
      ["YmFk", "eA==", "YmFk", "YmFk", "YmFk"],
    );
    await call("DELETE", "subscriptions/retried");
  });

  test("attempts are counted and told where there are dead letters, and the last one makes it one", async () => {
    await call("PUT", "topics/dead", {});
    await call("PUT", "subscriptions/graveyard", { topic: `${PROJECT}/topics/dead` });
    const deadLetterPolicy = { deadLetterTopic: `${PROJECT}/topics/dead`, maxDeliveryAttempts: 5 };
    await subscribe("mortal", { deadLetterPolicy });
    answer = () => 500;
    await publish("mortal", {});
    const dead = await until(async () => {
      clock.advance(1000);
      const [found] = await pull("graveyard");
      return found;
    });
    assert.deepEqual(
      pushed.map(({ deliveryAttempt }) => deliveryAttempt),
      [1, 2, 3, 4, 5],
    );
    assert.equal((dead.message["attributes"] as Json)["CloudPubSubDeadLetterSourceSubscription"], "mortal");
    await call("DELETE", "subscriptions/mortal");
  });

  test("messages of a key are pushed in order, also when one fails", async () => {
    let failures = 2;
    answer = ({ message }) => (message.data === "Mg==" && failures-- > 0 ? 500 : 200);
    await subscribe("ordered", { enableMessageOrdering: true });
    await publish("ordered", ...["MQ==", "Mg==", "Mw==", "NA=="].map((data) => ({ data, orderingKey: "k" })));
    await until(async () => {
      clock.advance(100);
      return pushed.length === 6;
    });
    assert.deepEqual(
      pushed.map(({ message }) => message.data),
      ["MQ==", "Mg==", "Mg==", "Mg==", "Mw==", "NA=="],
    );
    assert.ok(pushed.every(({ message }) => message.orderingKey === "k"));
    await call("DELETE", "subscriptions/ordered");
  });

  test("a subscription can be switched to pulls and back", async () => {
    await subscribe("switched", { pushConfig: {} });
    await publish("switched", {});
    await call("POST", "subscriptions/switched:modifyPushConfig", { pushConfig: { pushEndpoint: url } });
    await pushes(1);
    await call("POST", "subscriptions/switched:modifyPushConfig", { pushConfig: {} });
    await publish("switched", { data: "cHVsbA==" });
    const [received] = await until(async () => {
      const some = await pull("switched");
      return some.length > 0 && some;
    });
    assert.equal(received?.message["data"], "cHVsbA==");
    assert.equal(pushed.length, 1);
    await call("DELETE", "subscriptions/switched");
  });

  test("an endpoint in the server's own API is called by nobody", async () => {
    const seen: number[] = [];
    const pushEndpoint = `${api.url}/v1/${PROJECT}/subscriptions/looped:detach`;
    await subscribe("looped", { pushConfig: { pushEndpoint, noWrapper: {} } });
    await publish("looped", { data: Buffer.from("{}").toString("base64") });
    await until(async () => {
      const { body } = await api.json("GET", `/pubsub/homerun/v1/${PROJECT}/events?subscription=looped`);
      const [event] = body["events"] as { attempts: { httpStatus: number }[] }[];
      seen.push(...(event?.attempts ?? []).map(({ httpStatus }) => httpStatus));
      return seen.length > 0;
    });
    assert.equal(seen[0], 401);
    await call("DELETE", "subscriptions/looped");
  });
});
