import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { type RealServer, startRealServer } from "../../../tests/support/real-server.ts";
import { until } from "../../../tests/support/until.ts";
import type { EventJson } from "./event.ts";

const PROJECT = "projects/homerun-local";
const TOPIC = `${PROJECT}/topics/orders`;

describe("homerun events and homerun faults", () => {
  const statuses: number[] = [];
  const paths: string[] = [];
  const endpoint = createServer((request, response) => {
    paths.push(request.url ?? "");
    const status = statuses.shift() ?? 200;
    response.writeHead(status).end(status === 200 ? "" : "out of order");
  });
  let server: RealServer;
  let url: string;
  before(async () => {
    endpoint.listen(0, "127.0.0.1");
    await once(endpoint, "listening");
    url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
    server = await startRealServer();
    await server.json("PUT", `/v1/${TOPIC}`, {});
    const subscription = { topic: TOPIC, pushConfig: { pushEndpoint: `${url}/hook` } };
    const { status } = await server.json("PUT", `/v1/${PROJECT}/subscriptions/billing`, subscription);
    assert.equal(status, 200);
  });
  after(async () => {
    endpoint.closeAllConnections();
    endpoint.close();
    await server[Symbol.asyncDispose]();
  });

  const events = async (...args: string[]) =>
    JSON.parse(await server.homerun("events", "list", "--json", ...args)) as EventJson[];
  const publish = async (data: string) => {
    const messages = [{ data: Buffer.from(data).toString("base64"), attributes: { kind: "test" } }];
    const { body } = await server.json("POST", `/v1/${TOPIC}:publish`, { messages });
    return (body["messageIds"] as string[])[0]!;
  };

  test("say what was delivered, and send it again", async () => {
    assert.match(await server.homerun("events", "list"), /No events on record/);
    statuses.push(500);
    const id = await publish("hello");
    await until(async () => (await events())[0]?.outcome === "DELIVERED");
    const [titles, row] = (await server.homerun("events", "list", "--subscription", "billing")).split("\n");
    assert.match(titles!, /^TIME +EVENT +SUBSCRIPTION +TYPE +OUTCOME +STATUS +ATTEMPTS +LATENCY$/);
    assert.match(row!, new RegExp(`${id} +billing +- +DELIVERED +200 +2 `));
    assert.deepEqual(await events("--failed"), []);
    const shown = await server.homerun("events", "show", id);
    assert.match(shown, /attribute kind: test/);
    assert.match(shown, /data:\n {2}hello\n/);
    assert.match(shown, /1 {7}FAILED 500 in \S+s at http:\/\/127\.0\.0\.1:\d+\/hook\n +out of order\n/);
    const again = await server.homerun("events", "replay", id, "--url", `${url}/other`);
    assert.match(again, /replay {2}DELIVERED 200 in /);
    assert.deepEqual(paths, ["/hook", "/hook", "/other"]);
    statuses.push(400);
    await assert.rejects(server.homerun("events", "replay", id), { code: 1, stdout: /replay {2}FAILED 400/ });
    await assert.rejects(server.homerun("events", "show", "12345"), /NOT_FOUND: There is no event 12345 on record/);
    await assert.rejects(server.homerun("events", "replay", id, "--revision", "hello-00001-abc"), /NOT_FOUND/);
  });

  test("break deliveries for as long as they are told to, also after a restart", async () => {
    const set = ["faults", "set", "billing", "--duplicate=100%", "--delay=10ms", "--reorder", "--seed", "3"];
    assert.match(await server.homerun(...set), /^billing: duplicate 100%, delay 0\.01s, reorder, seed 3\n/);
    const before = paths.length;
    await publish("twice");
    await until(async () => paths.length === before + 2);
    await server.stop();
    server = await startRealServer({ dataDir: server.dataDir, removeData: true });
    assert.match(await server.homerun("faults", "list"), /billing +duplicate 100%/);
    assert.match((await events("--limit", "1"))[0]!.messageId, /^\d+$/);
    await publish("twice again");
    await until(async () => paths.length === before + 4);
    await server.homerun("faults", "clear", "billing");
    assert.match(await server.homerun("faults", "list"), /No faults/);
    await assert.rejects(server.homerun("faults", "set", "billing"), /say what goes wrong/);
    await assert.rejects(server.homerun("faults", "set", "billing", "--drop", "lots"), /no percentage/);
    await assert.rejects(server.homerun("faults", "set", "nothing", "--drop", "1%"), /NOT_FOUND/);
  });
});
