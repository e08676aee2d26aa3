import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { deploy, HOST, revision, startFloor, type TestFloor, until } from "../pool/testing/floor.ts";
import { flood, raw, textOf } from "./testing/raw.ts";

const KIB = 1024;

let shared: TestFloor;

before(async () => {
  shared = await startFloor();
  deploy(shared, revision("r1"));
  assert.equal((await shared.fetch("/")).status, 200);
});

after(() => shared[Symbol.asyncDispose]());

const HEAD = `POST /echo HTTP/1.1\r\nHost: ${HOST}\r\n`;
const SMUGGLED = `GET /pid HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const served = () => shared.logs.filter(({ log }) => log === "requests").length;

test("requests whose end is doubtful are 400, nothing of them gets to a container, and the connection ends", async () => {
  const before = served();
  const doubtful = [
    `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `${HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    `${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`,
    `${HEAD}Content-Length: -1\r\n\r\n`,
    `${HEAD}X: y\r\n folded\r\n\r\n`,
    `${HEAD}X: y\nContent-Length: 5\r\n\r\nhello`,
    `${HEAD}X: y\rZ: z\r\n\r\n`,
    `${HEAD}Host: other\r\n\r\n`,
    "GET / HTTP/1.1\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: user@${HOST}\r\n\r\n`,
    `GET http://other.example/ HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    `GET ftp://${HOST}/ HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    `CONNECT ${HOST}:443 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    `GET pid HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    `GET /pid\u0001 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
    "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n",
  ];
  for (const request of doubtful) {
    const { statuses } = await raw(shared.port, request, SMUGGLED);
    assert.deepEqual(statuses, [400], JSON.stringify(request));
  }
  assert.equal(served(), before);
});

test("chunks that make no sense cut the connection off; what follows them is no request", async () => {
  for (const chunks of ["5\r\nhelloX\r\n0\r\n\r\n", "zz\r\n", "5\nhello\r\n0\r\n\r\n", "fffffffffffffffff\r\nhello"]) {
    const { statuses } = await raw(shared.port, `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`, SMUGGLED);
    assert.ok(!statuses.includes(200), `${JSON.stringify(chunks)}: ${statuses.join()}`);
  }
});

test("a request inside a body is a body, and requests that come at once are answered in their order", async () => {
  const body = SMUGGLED.repeat(3);
  const one = `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
  const many = Array.from({ length: 100 }, (_, n) => `${HEAD}Content-Length: 6\r\n\r\n${String(n).padStart(6, "0")}`);
  const last = `GET /pid HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
  const { text, statuses } = await raw(shared.port, one + many.join(""), last);
  assert.equal(statuses.length, 102);
  const order = [...text.matchAll(/\r\n6\r\n(\d{6})\r\n/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    order,
    Array.from({ length: 100 }, (_, n) => n),
  );
});

test("a whole URL as the target is served when it names the same host", async () => {
  const { statuses } = await raw(
    shared.port,
    `GET http://${HOST}/pid HTTP/1.1\r\nHost: ${HOST}:80\r\nConnection: close\r\n\r\n`,
  );
  assert.deepEqual(statuses, [200]);
});

test("a head without end is cut off: long URLs, many fields, a long field", async () => {
  const start = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n`;
  const cases: [string, (count: number) => string][] = [
    ["GET /", () => "x".repeat(KIB)],
    [start, (count) => `X-${count}: y\r\n`.repeat(50)],
    [`${start}X: `, () => "y".repeat(KIB)],
    [`${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n`, (count) => `X-${count}: y\r\n`.repeat(50)],
    [`${HEAD}Transfer-Encoding: chunked\r\n\r\n5;`, () => "y".repeat(KIB)],
  ];
  for (const [head, piece] of cases) {
    const taken = await flood(shared.port, head, piece);
    // What the kernel's buffers hold is beyond ingress.
    assert.ok(taken < 8 * KIB * KIB, `${head}: ${taken}`);
  }
  assert.match((await raw(shared.port, `GET /${"x".repeat(65 * KIB)}`)).text, /^HTTP\/1\.1 414 /);
  assert.match((await raw(shared.port, `${start}${"X: y\r\n".repeat(12 * KIB)}`)).text, /^HTTP\/1\.1 413 /);
});

test("a million header fields, trickling in on many connections, keep nobody else waiting", async () => {
  const started = process.memoryUsage().rss;
  const floods = Array.from({ length: 8 }, () =>
    flood(shared.port, `GET / HTTP/1.1\r\nHost: ${HOST}\r\n`, (count) => `a${count}: b\r\n`.repeat(40)),
  );
  for (let n = 0; n < 20; n++) assert.equal((await shared.fetch("/")).status, 200);
  await Promise.all(floods);
  assert.ok(process.memoryUsage().rss - started < 200 * KIB * KIB);
});

test("thousands of connections that say nothing or half a request keep nobody else waiting", async () => {
  const sockets = Array.from({ length: 1500 }, (_, n) => {
    const socket = connect(shared.port, "127.0.0.1");
    socket.on("error", () => undefined);
    if (n % 2 === 0) socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: `);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (let n = 0; n < 10; n++) assert.equal((await shared.fetch("/")).status, 200);
  for (const socket of sockets) socket.destroy();
});

test("a caller that does not read keeps the container waiting, not ingress's memory growing", async () => {
  const socket = connect(shared.port, "127.0.0.1");
  socket.pause();
  socket.write(`GET /big?bytes=${30 * KIB * KIB} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  await until(() => shared.floor.instanceCounts(revision("r1").name).active === 1);
  for (let n = 0; n < 5; n++) assert.equal((await shared.fetch("/")).status, 200);
  const text = await textOf(socket.resume() && socket);
  assert.ok(text.length > 30 * KIB * KIB);
});

test("a body that trickles holds one place of one instance, and counts against the request timeout", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { timeoutSeconds: 0.5 }));
  await floor.floor.awaitReady(revision("r1").name);
  const { statuses } = await raw(
    floor.port,
    HEAD.replace("/echo", "/count"),
    "Connection: close\r\nContent-Length: 9\r\n\r\na",
  );
  assert.deepEqual(statuses, [504]);
  const entry = await floor.entry(({ httpRequest }) => httpRequest?.status === 504);
  assert.equal(entry.httpRequest?.requestMethod, "POST");
});

test("after a container has refused a WebSocket, no byte of the caller gets to it beside ingress", async () => {
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n`;
  await using floor = await startFloor();
  const container = new URL("testdata/raw-container.ts", import.meta.url).pathname;
  deploy(floor, revision("r1", { args: [container] }));
  const { text } = await raw(
    floor.port,
    `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${upgrade}\r\n`,
    `GET /?secret HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 200 OK/);
  await until(() => floor.logs.filter(({ log }) => log === "requests").length === 2);
  const paths = floor.logs.flatMap(({ httpRequest }) => httpRequest?.requestUrl ?? []);
  assert.deepEqual(paths, [`http://${HOST}/`, `http://${HOST}/?secret`]);
});
