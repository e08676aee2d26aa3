import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import type { ProbeSpec } from "../workload.ts";
import { probePeriodically } from "./periodic-probe.ts";
import { check } from "./probe-checks.ts";

const never = new AbortController().signal;

function probe(port: number, overrides: Partial<ProbeSpec> = {}): ProbeSpec {
  const times = { initialDelaySeconds: 0, timeoutSeconds: 1, periodSeconds: 0.01 };
  const base = { kind: "http", port, path: "", headers: [], failureThreshold: 1, successThreshold: 1 } as const;
  return { ...base, ...times, ...overrides };
}

/** A server that answers with these statuses in turn, 0 for no answer at all, and then ends the test's probing. */
async function answering(statuses: number[], over: AbortController) {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    const status = statuses.shift();
    if (status === undefined) over.abort();
    else if (status > 0) response.writeHead(status).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, requests, [Symbol.dispose]: () => (server.closeAllConnections(), server.close()) };
}

/** What a probe says of a server that answers with these statuses. */
async function newsOf(statuses: number[], overrides: Partial<ProbeSpec>): Promise<string[]> {
  const over = new AbortController();
  using server = await answering([...statuses], over);
  const news: string[] = [];
  await probePeriodically(
    {
      clock: systemClock,
      address: "127.0.0.1",
      probe: probe(server.port, overrides),
      around: (attempt) => attempt(),
      onFailed: (attempts, why) => news.push(`failed ${attempts} ${why}`),
      onPassed: (attempts) => news.push(`passed ${attempts}`),
    },
    over.signal,
  );
  return news;
}

test("failures in a row count, and successes in a row make it pass again", async () => {
  const thresholds = { failureThreshold: 2, successThreshold: 3 };
  assert.deepEqual(await newsOf([200, 500, 200, 500, 503, 500], thresholds), ["passed 1", "failed 2 UNHEALTHY"]);
  assert.deepEqual(await newsOf([500, 200, 404, 404, 200, 200, 404, 302, 204, 200], thresholds), [
    "passed 2",
    "failed 2 UNHEALTHY",
    "passed 3",
  ]);
});

test("no answer in time is a failure, and so is a port where nobody listens", async () => {
  assert.deepEqual(await newsOf([0, 200], { timeoutSeconds: 0.03 }), ["failed 1 TIMED_OUT", "passed 1"]);
  const over = new AbortController();
  const { port, [Symbol.dispose]: close } = await answering([], over);
  close();
  for (const kind of ["tcp", "http", "grpc"] as const)
    assert.equal(await check("127.0.0.1", probe(port, { kind }), never), "REFUSED", kind);
});

test("the first attempt waits for the initial delay", async () => {
  const startMs = systemClock.nowMs();
  assert.deepEqual(await newsOf([200], { initialDelaySeconds: 0.1 }), ["passed 1"]);
  assert.ok(systemClock.nowMs() - startMs >= 99);
});

test("an HTTP probe sends its header fields, repeated ones too, by HTTP/1.1", async () => {
  using server = await answering([200, 200], new AbortController());
  const headers = [
    { name: "X-Key", value: "a" },
    { name: "X-Key", value: "b" },
  ];
  assert.equal(await check("127.0.0.1", probe(server.port, { headers, path: "/live?x=1" }), never), "HEALTHY");
  const host = [{ name: "host", value: "mine.example" }];
  assert.equal(await check("127.0.0.1", probe(server.port, { headers: host }), never), "HEALTHY");
  const [first, second] = server.requests;
  assert.deepEqual([first?.method, first?.url, first?.httpVersion], ["GET", "/live?x=1", "1.1"]);
  assert.deepEqual(first?.headersDistinct["x-key"], ["a", "b"]);
  assert.equal(first?.headers.host, `127.0.0.1:${server.port}`);
  assert.deepEqual(second?.headersDistinct["host"], ["mine.example"]);
});
