import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import type { ProbeSpec } from "../workload.ts";
import { awaitStartup, isDefaultProbe } from "./startup-probe.ts";

const never = new AbortController().signal;

const probe = (port: number, overrides: Partial<ProbeSpec> = {}): ProbeSpec => ({
  headers: [],
  successThreshold: 1,
  kind: "tcp",
  port,
  path: "",
  initialDelaySeconds: 0,
  timeoutSeconds: 0.05,
  periodSeconds: 0.05,
  failureThreshold: 2,
  ...overrides,
});

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

test("a TCP probe passes soon after the port opens", async () => {
  const port = await freePort();
  const server = createTcpServer();
  const outcome = awaitStartup(
    systemClock,
    "127.0.0.1",
    probe(port, { timeoutSeconds: 240, periodSeconds: 240 }),
    never,
  );
  await listen(server, port);
  assert.deepEqual(await outcome, { passed: true, attempts: 1 });
  server.close();
});

test("a TCP probe fails after failureThreshold attempts", async () => {
  const outcome = await awaitStartup(systemClock, "127.0.0.1", probe(await freePort()), never);
  assert.deepEqual(outcome, { passed: false, attempts: 2, why: "REFUSED" });
});

test("an HTTP probe wants 2xx or 3xx from its path, one try per period", async () => {
  const paths: string[] = [];
  const server = createHttpServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(paths.length < 3 ? 503 : 204).end();
  });
  const port = await listen(server);
  const http = probe(port, { kind: "http", path: "/healthz", timeoutSeconds: 5, failureThreshold: 3 });
  assert.deepEqual(await awaitStartup(systemClock, "127.0.0.1", http, never), { passed: true, attempts: 3 });
  assert.deepEqual(paths, ["/healthz", "/healthz", "/healthz"]);
  server.close();
});

test("a gRPC probe wants SERVING for its service", async () => {
  const statuses = [2, 1];
  const requests: string[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("data", (chunk: Buffer) => requests.push(`${headers[":path"]} ${chunk.subarray(7).toString()}`));
    stream.once("end", () => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, statuses.shift() ?? 0]));
    });
  });
  const port = await listen(server);
  const grpc = probe(port, { kind: "grpc", path: "my.Service", timeoutSeconds: 5 });
  assert.deepEqual(await awaitStartup(systemClock, "127.0.0.1", grpc, never), { passed: true, attempts: 2 });
  assert.deepEqual(requests, Array(2).fill("/grpc.health.v1.Health/Check my.Service"));
  server.close();
});

test("an abort ends the probing at once", async () => {
  const abort = new AbortController();
  const forever = probe(await freePort(), { timeoutSeconds: 240, periodSeconds: 240 });
  const outcome = awaitStartup(systemClock, "127.0.0.1", forever, abort.signal);
  abort.abort(new Error("exited"));
  await assert.rejects(outcome, /exited/);
});

test("the default probe is known by its numbers", () => {
  assert.equal(isDefaultProbe(probe(1)), false);
  assert.equal(isDefaultProbe(probe(1, { timeoutSeconds: 240, periodSeconds: 240, failureThreshold: 1 })), true);
});
