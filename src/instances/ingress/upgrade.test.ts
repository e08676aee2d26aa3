import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { deploy, HOST, revision, SERVICE, startFloor, type TestFloor, until } from "../pool/testing/floor.ts";
import { send } from "./testing/send.ts";

const R1 = `${SERVICE}/revisions/r1`;

async function open({ port }: TestFloor): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/_/${HOST}/socket`);
  await once(socket, "open");
  return socket;
}

test("a WebSocket starts an instance, echoes, and is logged when it closes", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const socket = await open(floor);
  assert.equal(floor.floor.instanceCounts(R1).active, 1);
  for (const text of ["eins", "zwei"]) {
    socket.send(text);
    const [message] = (await once(socket, "message")) as [MessageEvent];
    assert.equal(message.data, text);
  }
  socket.close();
  const entry = await floor.entry(({ httpRequest }) => httpRequest?.status === 101);
  assert.equal(entry.httpRequest?.requestUrl, `http://${HOST}/socket`);
  assert.equal(floor.floor.instanceCounts(R1).active, 0);
});

test("the request timeout counts for WebSockets", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { timeoutSeconds: 0.4 }));
  await floor.floor.awaitReady(R1);
  const socket = await open(floor);
  await once(socket, "close");
  const entry = await floor.entry(({ log }) => log === "requests");
  assert.match(entry.textPayload ?? "", /maximum request timeout/);
});

test("an instance that ends closes its WebSockets", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const socket = await open(floor);
  const closed = once(socket, "close");
  await floor.fetch("/exit?code=1");
  await closed;
  await until(() => floor.floor.instanceCounts(R1).active === 0);
});

test("an upgrade is refused as any request: unknown host, missing permission", async () => {
  await using floor = await startFloor({ authorizeInvoker: async () => "FORBIDDEN" });
  deploy(floor, revision("r1"), { invokerIamChecked: true });
  const upgrade = { connection: "Upgrade", upgrade: "websocket" };
  assert.equal((await send(floor.port, { headers: { host: HOST, ...upgrade } })).status, 403);
  assert.equal((await send(floor.port, { headers: { host: "other", ...upgrade } })).status, 404);
});

test("an offer to upgrade to h2c is answered in HTTP/1.1", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const socket = connect(floor.port, "127.0.0.1");
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
  );
  const answer = (await socket.toArray()).join("");
  assert.match(answer, /^HTTP\/1\.1 200 OK[^]*hello from r1/);
});
