import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "undici";
import { deploy, LOCATION } from "../tests/support/real-functions.ts";
import { type RealServer, startRealServer } from "../tests/support/real-server.ts";
import { runningInstances, waitingStems } from "../tests/support/running-sandboxes.ts";
import { type Figure, percentile, report, sample, timed } from "./support/figures.ts";
import { openPlainNode, openPlainProxy } from "./support/plain-node.ts";

/** How long calls take, from a cold and from a warm instance; how fast the server starts and what it takes when idle. */
const HELLO = 'exports.hello = (req, res) => res.send("hello");\n';
/** Tells where its instance listens. */
const ADDRESS = `const { networkInterfaces } = require("node:os");
exports.hello = (req, res) => res.send(networkInterfaces().eth0?.[0].address ?? JSON.stringify(networkInterfaces()));\n`;
const COLD_CALLS = 20;
/** As much as a server has for stems by default. */
const STEM_MEMORY = "256Mi";
/** What is left of an instance is removed by then. */
const SETTLE_AFTER_STOP_MS = 300;
const STARTS = 5;
const WARM_ROUNDS = 40;
const CALLS_A_ROUND = 50;
/** The heap has settled by then. */
const SETTLE_MS = 15_000;

const dataDir = await mkdtemp(join(tmpdir(), "homerun-bench-"));
try {
  const deployed = await deployBoth();
  report([...(await measureStarts()), ...(await measureCold(deployed.cold)), ...(await measureWarm(deployed.warm))]);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function deployBoth(): Promise<{ cold: string; warm: string }> {
  await using server = await startRealServer({ dataDir });
  const cold = await deploy(server, "cold", { code: HELLO });
  const warm = await deploy(server, "warm", { code: ADDRESS, serviceConfig: { availableMemory: "512Mi" } });
  return { cold, warm };
}

async function measureStarts(): Promise<Figure[]> {
  const starts = await sample(STARTS, async () => {
    const start = performance.now();
    await using _server = await startRealServer({ dataDir });
    return performance.now() - start;
  });
  await using server = await startRealServer({ dataDir });
  await delay(SETTLE_MS);
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  const rss = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
  return [
    { what: "homerun up to ready, second start", unit: "ms", value: percentile(starts), bar: 1000, samples: starts },
    { what: "idle memory of the server", unit: "MiB", value: rss, bar: 150 },
  ];
}

async function measureCold(url: string): Promise<Figure[]> {
  await using plain = await openPlainNode();
  const peers = await sample(COLD_CALLS, () => plain.startAndAsk("Hello"));
  const peer = { what: "plain node and framework, no container", value: percentile(peers) };
  const without = await coldCalls(url, "0", 0);
  const from = await coldCalls(url, STEM_MEMORY, 1);
  return [
    { what: "request to zero instances, stem, p50", unit: "ms", value: percentile(from), bar: 40, peer, samples: from },
    { what: "request to zero instances, stem, p95", unit: "ms", value: percentile(from, 0.95), bar: 80 },
    {
      what: "request to zero instances, no stem, p50",
      unit: "ms",
      value: percentile(without),
      bar: 200,
      peer,
      samples: without,
    },
    { what: "request to zero instances, no stem, worst", unit: "ms", value: Math.max(...without) },
  ];
}

/** Each call finds no instance and at least this many stems. */
async function coldCalls(url: string, stemMemory: string, stems: number): Promise<number[]> {
  await using server = await startRealServer({ dataDir, flags: ["--idle-timeout", "1s", "--stem-memory", stemMemory] });
  await callOrThrow(server, url);
  return await sample(COLD_CALLS, async () => {
    while (runningInstances(dataDir).length > 0 || waitingStems(dataDir).length < stems) await delay(50);
    await delay(SETTLE_AFTER_STOP_MS);
    return timed(() => callOrThrow(server, url));
  });
}

async function measureWarm(url: string): Promise<Figure[]> {
  await using server = await startRealServer({ dataDir });
  await keepCpu(server, "warm");
  const address = await callOrThrow(server, url);
  await using proxy = await openPlainProxy(address, 8080);
  const { host } = new URL(url);
  const ways = {
    direct: caller(`http://${address}:8080`, host),
    ingress: caller(`http://127.0.0.1:${server.ingressPort}`, host),
    proxied: caller(`http://127.0.0.1:${proxy.port}`, host),
  };
  const samples = { direct: [] as number[], ingress: [] as number[], proxied: [] as number[] };
  // In turns, so that whatever else the machine does meets all of them; the first round warms up.
  for (let round = 0; round <= WARM_ROUNDS; round++) {
    for (const way of ["direct", "ingress", "proxied"] as const) {
      const times = await sample(CALLS_A_ROUND, () => timed(ways[way].call));
      if (round > 0) samples[way].push(...times);
    }
  }
  await Promise.all(Object.values(ways).map((way) => way.close()));
  const [direct, ingress, proxied] = [samples.direct, samples.ingress, samples.proxied].map((times) =>
    percentile(times),
  );
  const peer = { what: "plain node proxy", value: proxied! - direct! };
  return [
    { what: "added latency of ingress, p50", unit: "ms", value: ingress! - direct!, bar: 1, peer },
    { what: "warm call through ingress, p50", unit: "ms", value: ingress!, peer: { what: "direct", value: direct! } },
    {
      what: "warm call through ingress, p99",
      unit: "ms",
      value: percentile(samples.ingress, 0.99),
      peer: { what: "direct", value: percentile(samples.direct, 0.99) },
    },
  ];
}

/** Calls one after the other over one connection. */
function caller(origin: string, host: string) {
  const client = new Client(origin);
  return {
    async call() {
      const { statusCode, body } = await client.request({ path: "/", method: "GET", headers: { host } });
      await body.text();
      if (statusCode !== 200) throw new Error(`${origin} answered ${statusCode}`);
    },
    close: () => client.close(),
  };
}

/** An instance whose CPU is not taken away between requests, since direct calls are none that the server knows of. */
async function keepCpu(server: RealServer, service: string): Promise<void> {
  const path = `/run/v2/${LOCATION}/services/${service}`;
  const { body } = await server.json("GET", path);
  const template = body["template"] as { containers: { resources: object }[] };
  const [container] = template.containers;
  const resources = { limits: { cpu: "1", memory: "512Mi" }, cpuIdle: false };
  const changed = { ...template, revision: "", containers: [{ ...container, resources }] };
  const operation = await server.json("PATCH", `${path}?updateMask=template`, { ...body, template: changed });
  const waited = await server.json("POST", `/run/v2/${String(operation.body["name"])}:wait`, { timeout: "60s" });
  if (waited.body["error"] || !waited.body["done"]) throw new Error(JSON.stringify(waited.body));
}

async function callOrThrow(server: RealServer, url: string): Promise<string> {
  const { status, body } = await server.call(url);
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body}`);
  return body;
}
