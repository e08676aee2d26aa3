import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { until } from "../pool/testing/floor.ts";
import { Http1Connection } from "./http1-connection.ts";
import type { Http1Stream } from "./http1-stream.ts";
import { textOf } from "./testing/raw.ts";

/** A connection whose time the test makes. */
async function open() {
  const streams: Http1Stream[] = [];
  const state = { nowMs: 1_000_000, busy: false };
  const deps = {
    nowMs: () => state.nowMs,
    handle: (stream: Http1Stream) => void streams.push(stream),
    onBusy: (_: Http1Connection, isBusy: boolean) => void (state.busy = isBusy),
  };
  const { promise, resolve } = Promise.withResolvers<Http1Connection>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    resolve(new Http1Connection(deps, socket, { scheme: "http", remoteAddress: "127.0.0.1" }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => undefined);
  const connection = await promise;
  const passed = (ms: number) => {
    state.nowMs += ms;
    connection.expire(state.nowMs);
  };
  return {
    client,
    connection,
    streams,
    state,
    passed,
    [Symbol.dispose]: () => {
      client.destroy();
      server.close();
    },
  };
}

test("a head that trickles in is 408 after half a minute, however often a byte comes", async () => {
  using opened = await open();
  const { client, connection, passed } = opened;
  const answer = textOf(client);
  client.write("GET / HTTP/1.1\r\nHost: x\r\n");
  await until(() => (connection.socket as Socket).bytesRead === 25);
  passed(29_000);
  client.write("X: y\r\n");
  await until(() => (connection.socket as Socket).bytesRead === 31);
  assert.equal(connection.socket.destroyed, false);
  passed(1_000);
  assert.match(await answer, /^HTTP\/1\.1 408 Request Timeout\r\n/);
});

test("a connection that says nothing is closed; one between requests may wait ten minutes", async () => {
  using silent = await open();
  silent.passed(30_000);
  await textOf(silent.client);
  using kept = await open();
  kept.client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await until(() => kept.streams.length === 1);
  // Nothing counts while a request is served.
  kept.passed(3_600_000);
  assert.equal(kept.state.busy, true);
  kept.streams[0]!.begin(200, [], 0);
  kept.streams[0]!.end([]);
  assert.equal(kept.state.busy, false);
  kept.passed(610_000);
  assert.equal(kept.connection.socket.destroyed, false);
  kept.passed(10_000);
  assert.equal(kept.connection.socket.destroyed, true);
});

test("old clients get what they can read", async () => {
  using opened = await open();
  const answer = textOf(opened.client);
  opened.client.write("GET / HTTP/1.0\r\n\r\n");
  await until(() => opened.streams.length === 1);
  const [stream] = opened.streams;
  stream!.begin(200, ["X", "y"], undefined);
  stream!.write(Buffer.from("abc"));
  stream!.end([]);
  assert.equal(await answer, "HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\nabc");
});

test("a response to HEAD has the length and no body; one whose length is unknown is chunked, with trailers", async () => {
  using opened = await open();
  const answer = textOf(opened.client);
  opened.client.write("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await until(() => opened.streams.length === 1);
  opened.streams[0]!.begin(200, [], 3);
  opened.streams[0]!.write(Buffer.from("abc"));
  opened.streams[0]!.end([]);
  await until(() => opened.streams.length === 2);
  opened.streams[1]!.begin(200, [], undefined);
  opened.streams[1]!.write(Buffer.from("abc"));
  opened.streams[1]!.end(["X-Sum", "1"]);
  assert.equal(
    await answer,
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
  );
});
