import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "undici";
import { deploy, LOCATION } from "../tests/support/real-functions.ts";
import { type RealServer, startRealServer } from "../tests/support/real-server.ts";
import { cpuMs, untilIdle } from "./support/cpu-time.ts";
import { type Figure, percentile, report, sample, timed } from "./support/figures.ts";
import { isInstalled, openNginx, throughput } from "./support/load.ts";
import { openPlainRelay } from "./support/plain-relay.ts";

/**
 * How many requests ingress passes on, and what it adds to each, against nginx in front of the same containers; and
 * against the least that Node.js can do, which hands on bytes that it does not look at: no proxy in it is faster.
 */
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 5);
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 3);
/** Compilers need some ten thousand requests until they are through with a server. */
const WARM_UP_SECONDS = 6;
/** Requests at 100 a second in each way. */
const PACED = 1000;
const PACE_MS = 10;
const RESOURCES = { limits: { cpu: "2", memory: "1Gi" }, cpuIdle: false };
/** As many as call at once: a function serves one at a time by default, and the others would wait for their turn. */
const CONCURRENCY = 80;
const HOST = "address().eth0?.[0].address";
const WAYS = ["direct", "nginx", "relay", "ingress"] as const;
/** Answers hello, and where it listens. */
const FUNCTION = `const address = require("node:os").networkInterfaces;
exports.hello = (req, res) => res.send(req.path === "/address" ? ${HOST} : "hello");\n`;
const BARE = `const address = require("node:os").networkInterfaces;
require("node:http").createServer((req, res) => res.end(req.url === "/address" ? ${HOST} : "hello")).listen(8080)`;

const missing = [];
for (const program of ["wrk", "nginx"]) if (!(await isInstalled(program))) missing.push(program);
if (missing.length > 0) {
  console.error(`NOT RUN: figures of ingress, because ${missing.join(" and ")} is missing (Debian: apt-get install)`);
  process.exit(1);
}
const given = process.env["BENCH_DATA_DIR"];
const dataDir = given ?? (await mkdtemp(join(tmpdir(), "homerun-bench-")));
try {
  await using server = await startRealServer({ dataDir });
  report(await measure(server));
} finally {
  if (given === undefined) await rm(dataDir, { recursive: true, force: true });
}

async function measure(server: RealServer): Promise<Figure[]> {
  const functionUrl = await functionOn(server);
  const bareUrl = await bareOn(server);
  const bare = await compare(server, bareUrl);
  const framework = await compare(server, functionUrl);
  const latency = await pacedLatency(server, bareUrl);
  const ofNginx = { what: "nginx", value: bare.nginx };
  return [
    { what: "bare Node.js through ingress", unit: "/s", value: bare.ingress, peer: ofNginx },
    { what: "bare Node.js called directly", unit: "/s", value: bare.direct },
    { what: "throughput to bare Node.js over nginx's", unit: "x", value: bare.ingress / bare.nginx, least: 0.8 },
    { what: "the same of bytes that Node.js relays", unit: "x", value: bare.relay / bare.nginx },
    { what: "CPU time of a request in ingress", unit: "ms", value: bare.cpuMs },
    { what: "functions-framework through ingress", unit: "/s", value: framework.ingress },
    { what: "functions-framework through nginx", unit: "/s", value: framework.nginx },
    {
      what: "throughput to functions-framework over direct",
      unit: "x",
      value: framework.ingress / framework.direct,
      least: 0.95,
    },
    {
      what: "added latency at 100 requests/s, p50",
      unit: "ms",
      value: latency.ingress - latency.direct,
      bar: 0.2,
      peer: { what: "nginx", value: latency.nginx - latency.direct },
    },
  ];
}

type Way = (typeof WAYS)[number];
type Ways = Readonly<Record<Way, number>>;
type Samples = Readonly<Record<Way, number[]>>;

/** Requests a second in each way, in turns, so that whatever else the machine does meets all of them. */
async function compare(server: RealServer, url: string): Promise<Ways & { readonly cpuMs: number }> {
  await using ways = await waysTo(server, url);
  const rates = noSamples();
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const way of WAYS) {
      const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS;
      const before = cpuMs(server.pid);
      const rate = await throughput(ways.origins[way], ways.host, seconds);
      // The last log entries are written after the last answer; they belong to these requests, not to the next way's.
      await untilIdle(server.pid);
      if (round > 0) rates[way].push(rate);
      if (round > 0 && way === "ingress") times.push((cpuMs(server.pid) - before) / (rate * seconds));
    }
  }
  console.log(url, JSON.stringify(rates));
  return { ...middles(rates), cpuMs: percentile(times) };
}

async function pacedLatency(server: RealServer, url: string): Promise<Ways> {
  await using ways = await waysTo(server, url);
  const times = noSamples();
  const clients = Object.fromEntries(WAYS.map((way) => [way, caller(ways, way)])) as Record<
    Way,
    ReturnType<typeof caller>
  >;
  for (const way of WAYS) await sample(100, () => timed(clients[way].call));
  for (let n = 0; n < PACED; n++) {
    for (const way of WAYS) {
      times[way].push(await timed(clients[way].call));
      await delay(PACE_MS / WAYS.length);
    }
  }
  await Promise.all(Object.values(clients).map((client) => client.close()));
  return middles(times);
}

function noSamples(): Samples {
  return { direct: [], nginx: [], relay: [], ingress: [] };
}

function middles({ direct, nginx, relay, ingress }: Samples): Ways {
  return {
    direct: percentile(direct),
    nginx: percentile(nginx),
    relay: percentile(relay),
    ingress: percentile(ingress),
  };
}

type Origins = { readonly host: string; readonly origins: Readonly<Record<Way, string>> };

async function waysTo(server: RealServer, url: string): Promise<Origins & AsyncDisposable> {
  const { status, body: address } = await server.call(url, { path: "/address" });
  if (status !== 200) throw new Error(`${url} answered ${status}: ${address}`);
  const nginx = await openNginx(`${address}:8080`);
  const relay = await openPlainRelay(address, 8080);
  const origins = {
    direct: `http://${address}:8080`,
    ingress: `http://127.0.0.1:${server.ingressPort}`,
    nginx: `http://127.0.0.1:${nginx.port}`,
    relay: `http://127.0.0.1:${relay.port}`,
  };
  const close = async () => {
    await nginx[Symbol.asyncDispose]();
    await relay[Symbol.asyncDispose]();
  };
  return { host: new URL(url).host, origins, [Symbol.asyncDispose]: close };
}

/** Calls one after the other over one connection. */
function caller({ host, origins }: Origins, way: Way) {
  const client = new Client(origins[way]);
  return {
    async call() {
      const { statusCode, body } = await client.request({ path: "/", method: "GET", headers: { host } });
      await body.text();
      if (statusCode !== 200) throw new Error(`${origins[way]} answered ${statusCode}`);
    },
    close: () => client.close(),
  };
}

/** The hello function, whose instance has its CPU all the time, since direct calls are none that the server knows of. */
async function functionOn(server: RealServer): Promise<string> {
  const known = await serviceOn(server, "hello");
  const url = known ? String(known["uri"]) : await deploy(server, "hello", { code: FUNCTION });
  const service = await serviceOn(server, "hello");
  await change(server, "hello", service!, { resources: RESOURCES });
  return url;
}

/** A service of the function's image that runs a server of nothing but Node.js. */
async function bareOn(server: RealServer): Promise<string> {
  const hello = (await serviceOn(server, "hello"))!;
  const container = containerOf(hello);
  const command = { image: container["image"], command: ["node"], args: ["-e", BARE], resources: RESOURCES };
  const template = { containers: [command], scaling: { maxInstanceCount: 1 } };
  if ((await serviceOn(server, "bare")) === undefined) {
    const body = { template, invokerIamDisabled: true };
    await settled(server, await server.json("POST", `/run/v2/${LOCATION}/services?serviceId=bare`, body));
  }
  return String((await serviceOn(server, "bare"))!["uri"]);
}

type Json = Record<string, unknown>;

function containerOf(service: Json): Json {
  return (service["template"] as { containers: [Json] }).containers[0];
}

async function serviceOn(server: RealServer, service: string): Promise<Json | undefined> {
  const { status, body } = await server.json("GET", `/run/v2/${LOCATION}/services/${service}`);
  return status === 200 ? body : undefined;
}

async function change(server: RealServer, name: string, service: Json, container: Json): Promise<void> {
  const template = {
    ...(service["template"] as Json),
    revision: "",
    scaling: { maxInstanceCount: 1 },
    maxInstanceRequestConcurrency: CONCURRENCY,
    containers: [{ ...containerOf(service), ...container }],
  };
  const path = `/run/v2/${LOCATION}/services/${name}?updateMask=template`;
  await settled(server, await server.json("PATCH", path, { ...service, template }));
}

async function settled(server: RealServer, { status, body }: { status: number; body: Json }): Promise<void> {
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  const waited = await server.json("POST", `/run/v2/${String(body["name"])}:wait`, { timeout: "60s" });
  if (waited.body["error"] || !waited.body["done"]) throw new Error(JSON.stringify(waited.body));
}
