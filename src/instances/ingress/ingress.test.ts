import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { deploy, HOST, revision, route, SERVICE, startFloor, type TestFloor, until } from "../pool/testing/floor.ts";
import { send } from "./testing/send.ts";

const MIB = 1024 * 1024;

let shared: TestFloor;

before(async () => {
  shared = await startFloor();
  deploy(shared, revision("r1"));
});

after(() => shared[Symbol.asyncDispose]());

const inspect = async (options: Parameters<typeof send>[1]) => {
  const { status, body } = await send(shared.port, options);
  assert.equal(status, 200);
  return JSON.parse(body) as { url: string; headers: Record<string, string> };
};

test("services are found by host, whatever its case and port, and by their local name", async () => {
  for (const host of [HOST, HOST.toUpperCase(), `${HOST}:8485`, "hello-123.us-central1.run.localhost:1"]) {
    assert.equal((await send(shared.port, { headers: { host } })).body, "hello from r1");
  }
});

test("an unknown host is 404 with a page", async () => {
  const { status, headers, body } = await send(shared.port, { headers: { host: "other.us-central1.run.app" } });
  assert.equal(status, 404);
  assert.equal(headers["content-type"], "text/html; charset=UTF-8");
  assert.match(body, /The requested URL was not found on this server\./);
});

test("clients that cannot set Host name it in the path", async () => {
  const { url, headers } = await inspect({ path: `/_/${HOST}/inspect?x=1`, headers: { host: "127.0.0.1" } });
  assert.deepEqual([url, headers["host"]], ["/inspect?x=1", HOST]);
  assert.equal((await send(shared.port, { path: `/_/${HOST}` })).body, "hello from r1");
});

test("a function's path at cloudfunctions.net is taken off", async () => {
  const host = "us-central1-demo.cloudfunctions.net";
  assert.equal((await inspect({ path: "/hello/inspect?x=1", headers: { host } })).url, "/inspect?x=1");
  assert.equal((await send(shared.port, { path: "/hello", headers: { host } })).body, "hello from r1");
  assert.equal((await send(shared.port, { path: "/hello?x", headers: { host } })).body, "hello from r1");
  assert.equal((await send(shared.port, { path: "/helloo", headers: { host } })).status, 404);
});

test("the container gets Cloud Run's headers and no hop-by-hop ones", async () => {
  const { headers } = await inspect({
    path: "/inspect",
    headers: {
      host: HOST,
      connection: "keep-alive, x-private",
      "x-private": "1",
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-proto": "gopher",
      te: "trailers",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
  });
  assert.equal(headers["host"], HOST);
  assert.equal(headers["x-forwarded-for"], "1.2.3.4,127.0.0.1");
  assert.equal(headers["x-forwarded-proto"], "http");
  assert.equal(headers["forwarded"], 'for="127.0.0.1";proto=http');
  const [, span = ""] = /^00-0af7651916cd43dd8448eb211c80319c-([0-9a-f]{16})-01$/.exec(headers["traceparent"] ?? "")!;
  assert.notEqual(span, "b7ad6b7169203331", "ingress makes a span of its own");
  assert.equal(headers["x-cloud-trace-context"], `0af7651916cd43dd8448eb211c80319c/${BigInt(`0x${span}`)};o=1`);
  assert.deepEqual([headers["te"], headers["x-private"]], [undefined, undefined]);
});

test("bodies and trailers pass both ways", async () => {
  const body = Buffer.alloc(3 * MIB, "0123456789");
  const echo = await send(shared.port, { path: "/echo", method: "POST", headers: { host: HOST } }, body);
  assert.equal(echo.body, body.toString());
  assert.equal(echo.trailers["x-checksum"], "done");
});

test("repeated headers of a response stay apart", async () => {
  const { headers } = await send(shared.port, { path: "/cookies", headers: { host: HOST } });
  assert.deepEqual(headers["set-cookie"], ["a=1", "b=2"]);
});

test("a response streams, and the container learns that the caller has gone", async () => {
  const request = httpRequest({ host: "127.0.0.1", port: shared.port, path: "/events", headers: { host: HOST } });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const [first] = (await once(response, "data")) as [Buffer];
  assert.match(first.toString(), /^data: /);
  request.destroy();
  await shared.entry(({ textPayload }) => textPayload === "caller gone");
  await shared.entry(({ httpRequest }) => httpRequest?.requestUrl.endsWith("/events") === true);
});

test("a caller who goes before the response is logged as 499", async () => {
  const request = httpRequest({ host: "127.0.0.1", port: shared.port, path: "/hang", headers: { host: HOST } });
  request.on("error", () => undefined);
  request.end();
  await until(() => shared.floor.instanceCounts(`${SERVICE}/revisions/r1`).active === 1);
  request.destroy();
  await shared.entry(({ httpRequest }) => httpRequest?.status === 499);
});

test("a request over 32 MiB is 413, declared or chunked; Expect: 100-continue is not invited to send it", async () => {
  const options = { path: "/count", method: "POST" };
  const declared = await send(shared.port, {
    ...options,
    headers: { host: HOST, "content-length": 32 * MIB + 1, expect: "100-continue" },
  }).catch((error: Error) => error);
  assert.ok(!(declared instanceof Error) && declared.status === 413);
  const chunks = Readable.from(Array.from({ length: 33 }, () => Buffer.alloc(MIB)));
  const init = { method: "POST", body: Readable.toWeb(chunks) as ReadableStream, duplex: "half" } as RequestInit;
  assert.equal((await shared.fetch("/count", init)).status, 413);
  const fits = await send(shared.port, { ...options, headers: { host: HOST } }, Buffer.alloc(32 * MIB));
  assert.deepEqual([fits.status, fits.body], [200, String(32 * MIB)]);
});

test("a declared response over 32 MiB is 500", async () => {
  assert.equal((await shared.fetch(`/big?bytes=${32 * MIB}`)).status, 200);
  assert.equal((await shared.fetch(`/big?bytes=${32 * MIB + 1}`)).status, 500);
  await shared.entry(
    ({ textPayload }) => textPayload === "Response size was too large. Please consider reducing response size.",
  );
});

test("100-continue is sent for a body that is welcome", async () => {
  const request = httpRequest({
    host: "127.0.0.1",
    port: shared.port,
    path: "/echo",
    method: "POST",
    headers: { host: HOST, expect: "100-continue", "content-length": 5 },
  });
  request.flushHeaders();
  await once(request, "continue");
  request.end("abcde");
  const [response] = (await once(request, "response")) as [IncomingMessage];
  assert.equal((await response.toArray()).join(""), "abcde");
});

test("a container may answer without reading the body, and the connection lives on", async () => {
  const socket = connect(shared.port, "127.0.0.1");
  const head = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${length}\r\n\r\n`;
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(head("/refuse", 4 * MIB));
  socket.write(Buffer.alloc(4 * MIB));
  await until(() => answer.includes("not read"));
  socket.write(`${head("/echo", 2)}ok`);
  await until(() => answer.includes("ok\r\n"));
  socket.destroy();
});

test("every request is logged as Cloud Run does", async () => {
  const headers = {
    host: HOST,
    "user-agent": "tester",
    traceparent: "00-0af7651916cd43dd8448eb211c803111-b7ad6b7169203331-00",
  };
  await send(shared.port, { path: "/missing?q=1", headers });
  const entry = await shared.entry(({ traceId }) => traceId === "0af7651916cd43dd8448eb211c803111");
  const { requestSize, latencyMs, ...request } = entry.httpRequest ?? { requestSize: 0, latencyMs: -1 };
  assert.deepEqual(request, {
    requestMethod: "GET",
    requestUrl: `http://${HOST}/missing?q=1`,
    status: 404,
    responseSize: 0,
    userAgent: "tester",
    remoteIp: "127.0.0.1",
    protocol: "HTTP/1.1",
  });
  assert.ok(requestSize > 0 && latencyMs >= 0);
  assert.deepEqual([entry.log, entry.severity, entry.parentSpanId], ["requests", "WARNING", "b7ad6b7169203331"]);
  assert.match(entry.instanceId, /^[0-9a-f]{40}$/);
});

test("a request over the timeout is 504, and its instance goes on", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { timeoutSeconds: 0.3 }));
  await floor.floor.awaitReady(`${SERVICE}/revisions/r1`);
  const pid = await (await floor.fetch("/pid")).text();
  const late = await floor.fetch("/hang");
  assert.deepEqual([late.status, await late.text()], [504, "upstream request timeout"]);
  const entry = await floor.entry(({ httpRequest }) => httpRequest?.status === 504);
  assert.match(
    entry.textPayload ?? "",
    /^The request has been terminated because it has reached the maximum request timeout\./,
  );
  assert.equal(await (await floor.fetch("/pid")).text(), pid);
  await assert.rejects(async () => (await floor.fetch("/events")).text());
});

test("an instance that ends within a request: 503 before the response, a cut within it", async () => {
  const crash = await shared.fetch("/exit?code=1");
  assert.deepEqual([crash.status, await crash.text()], [503, "Service Unavailable"]);
  const entry = await shared.entry(({ httpRequest }) => httpRequest?.status === 503);
  assert.match(entry.textPayload ?? "", /malformed or connection to the instance had an error/);
  const half = await shared.fetch("/half");
  await assert.rejects(half.text());
  assert.equal((await shared.fetch("/")).status, 200);
});

test("traffic is split by percentage, tags reach their revision, no traffic is 404", async () => {
  await using floor = await startFloor();
  floor.floor.ensureRevision(revision("r1"));
  floor.floor.ensureRevision(revision("r2"));
  const [one, two] = [`${SERVICE}/revisions/r1`, `${SERVICE}/revisions/r2`];
  const traffic = [one, two].map((name) => ({ revision: name, percent: 50 }));
  floor.floor.setRoute(route("r1", { traffic, tags: { blue: two } }));
  const answers = await Promise.all(Array.from({ length: 40 }, async () => (await floor.fetch("/")).text()));
  assert.deepEqual(new Set(answers), new Set(["hello from r1", "hello from r2"]));
  const blue = await send(floor.port, { headers: { host: `blue---${HOST}` } });
  assert.equal(blue.body, "hello from r2");
  assert.equal((await send(floor.port, { headers: { host: `red---${HOST}` } })).status, 404);
  floor.floor.setRoute(route("r1", { traffic: [] }));
  assert.equal((await floor.fetch("/")).status, 404);
  floor.floor.removeRoute(SERVICE);
  assert.equal((await send(floor.port, { headers: { host: `blue---${HOST}` } })).status, 404);
});

test("ingress internal hides a service from callers outside", async () => {
  let inside = false;
  await using floor = await startFloor({ isInternalAddress: (address) => address === "127.0.0.1" && inside });
  deploy(floor, revision("r1"), { ingress: "internal" });
  assert.equal((await floor.fetch("/")).status, 404);
  inside = true;
  assert.equal((await floor.fetch("/")).status, 200);
});

test("a closed listener lets its port go", async () => {
  await using floor = await startFloor();
  const second = await floor.floor.ingress.listen({ port: 0 });
  const idle = connect(second.port, "127.0.0.1");
  await once(idle, "connect");
  await second[Symbol.asyncDispose]();
  const refused = connect(second.port, "127.0.0.1");
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});

test("no request fails while the traffic moves to a new revision and the old one is removed", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { concurrency: 1, maxInstances: 1 }));
  await (await floor.fetch("/")).text();
  // One request holds the only instance, the others wait for it, when the revision goes.
  const first = floor.fetch("/slow?ms=200");
  await until(() => floor.floor.instanceCounts(`${SERVICE}/revisions/r1`).active === 1);
  const waiting = Array.from({ length: 5 }, async () => (await floor.fetch("/")).text());
  await floor.floor.awaitReady(`${SERVICE}/revisions/r1`);
  deploy(floor, revision("r2"));
  await floor.floor.removeRevision(`${SERVICE}/revisions/r1`);
  assert.equal((await first).status, 200);
  const answers = new Set(await Promise.all(waiting));
  assert.ok(answers.has("hello from r2") && !answers.has("Service Unavailable"), [...answers].join());
});

test("a request that could not be sent goes to another instance, its body too", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const pid = Number(await (await floor.fetch("/pid")).text());
  // Closes the listening socket only, as a server does that is about to end.
  await floor.fetch("/unlisten");
  const posted = floor.fetch("/echo", { method: "POST", body: "kept" });
  process.kill(pid, "SIGKILL");
  const response = await posted;
  assert.deepEqual([response.status, await response.text()], [200, "kept"]);
});

test("an authorizer that fails gives a 500 page", async () => {
  await using floor = await startFloor({ authorizeInvoker: () => Promise.reject(new Error("no store")) });
  deploy(floor, revision("r1"), { invokerIamChecked: true });
  const response = await floor.fetch("/");
  assert.equal(response.status, 500);
  assert.match(await response.text(), /The server encountered an error/);
});

test("headers that are no HTTP are a malformed response", async () => {
  const bad = await shared.fetch("/malformed");
  assert.equal(bad.status, 503);
  const latin = await send(shared.port, { path: "/latin", headers: { host: HOST } });
  assert.equal(Buffer.from(latin.headers["x-name"] as string, "latin1").toString(), "Jörg 日本");
});
