import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type RealServer, startRealServer } from "../tests/support/real-server.ts";
import { type Figure, percentile, report, sample } from "./support/figures.ts";
import { type Answer, caller, openLoop } from "./support/open-loop.ts";
import { functionContainer, type Json, putService } from "./support/services.ts";

/** What callers notice of scaling: a burst to no instances, and traffic that moves between revisions under load. */
const CODE = `const born = String(Date.now());
exports.hello = (req, res) => setTimeout(() => res.send(born), 100);\n`;
const BARE = `const born = String(Date.now());
require("node:http").createServer((req, res) => setTimeout(() => res.end(born), 100)).listen(8080)`;
const NAMED = 'require("node:http").createServer((req, res) => res.end(process.env.K_REVISION)).listen(8080)';
const RESOURCES = { limits: { cpu: "1", memory: "512Mi" }, cpuIdle: true, startupCpuBoost: true };
const BURSTS = 5;
const CONCURRENT = 400;
const RATE = 500;
const CONNECTIONS = 200;
const PLAIN_PORT = 18_480;
/** Requests that the split of percentages is measured with. */
const SPLIT = 1000;
/** Instances that were idle for a second have been stopped by then. */
const SCALE_IN_MS = 3000;
/** How long the load goes on after each change. */
const SETTLE_MS = 1500;

const given = process.env["BENCH_DATA_DIR"];
const dataDir = given ?? (await mkdtemp(join(tmpdir(), "homerun-bench-")));
try {
  await using server = await startRealServer({ dataDir, flags: ["--idle-timeout", "1s"] });
  const container = await functionContainer(server, "born", CODE);
  report([...(await measureBursts(server, container)), ...(await measureRollout(server, container))]);
} finally {
  if (given === undefined) await rm(dataDir, { recursive: true, force: true });
}

async function measureBursts(server: RealServer, container: Json): Promise<Figure[]> {
  const framework = await burst(server, "burst-framework", { ...container, resources: RESOURCES });
  const bare = await burst(server, "burst-bare", program(container, BARE));
  const plain = percentile(await sample(BURSTS, plainBurst));
  return [...burstFigures("functions-framework", framework, plain), ...burstFigures("bare Node.js", bare, plain)];
}

/** Starts a plain Node.js process for the same requests; resolves with the time until the last answer. */
async function plainBurst(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ["-e", BARE.replace("8080", "process.env.PORT")], {
    env: { ...process.env, PORT: String(PLAIN_PORT) },
    stdio: "ignore",
  });
  const client = caller(`http://127.0.0.1:${PLAIN_PORT}`, "plain", CONCURRENT);
  try {
    while ((await client.call()).status !== 200) await delay(5);
    await Promise.all(Array.from({ length: CONCURRENT }, () => client.call()));
    return performance.now() - start;
  } finally {
    await client.close();
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

interface Burst {
  /** Milliseconds until the last answer, by round. */
  readonly last: readonly number[];
  readonly first: readonly number[];
  readonly failed: number;
}

async function burst(server: RealServer, name: string, container: Json): Promise<Burst> {
  const template = { containers: [container], maxInstanceRequestConcurrency: 80 };
  const { uri } = await putService(server, name, { template });
  const answers: Answer[][] = [];
  await sample(BURSTS, async () => {
    await delay(SCALE_IN_MS);
    const startMs = Date.now();
    const client = callerOf(server, uri, CONCURRENT);
    const round = await Promise.all(Array.from({ length: CONCURRENT }, () => client.call()));
    await client.close();
    if (round.some(({ status, body }) => status === 200 && Number(body) < startMs)) {
      throw new Error(`${name} had an instance left`);
    }
    return answers.push(round);
  });
  return {
    last: answers.map((round) => Math.max(...round.map(({ ms }) => ms))),
    first: answers.map((round) => Math.min(...round.map(({ ms }) => ms))),
    failed: answers.flat().filter(({ status }) => status !== 200).length,
  };
}

function burstFigures(of: string, { last, first, failed }: Burst, plain: number): Figure[] {
  const peer = { what: "one plain Node.js process started for it", value: plain };
  const what = `${CONCURRENT} requests of 100 ms to zero instances, ${of}`;
  return [
    { what: `${what}: failed`, unit: "requests", value: failed, bar: 0 },
    { what: `${what}: last answer, p50`, unit: "ms", value: percentile(last), peer },
    { what: `${what}: last answer, worst`, unit: "ms", value: Math.max(...last), bar: 1500, samples: last },
    { what: `${what}: first answer, p50`, unit: "ms", value: percentile(first), samples: first },
  ];
}

async function measureRollout(server: RealServer, container: Json): Promise<Figure[]> {
  const service = (version: string, traffic: Json[]) => ({
    template: { containers: [{ ...program(container, NAMED), env: [{ name: "VERSION", value: version }] }] },
    traffic,
  });
  const latest = [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }];
  const first = await putService(server, "rollout", service("1", latest));
  const client = callerOf(server, first["uri"], CONNECTIONS);
  await client.call();
  const load = openLoop(() => client.call(), RATE);
  const second = await putService(server, "rollout", service("2", latest));
  await delay(SETTLE_MS);
  const split = async (percent: number) => {
    const targets = [to(first, 100 - percent), to(second, percent)].filter((target) => target["percent"] !== 0);
    await putService(server, "rollout", service("2", targets));
    await delay(SETTLE_MS);
  };
  // Back in one call, and then step by step.
  await split(0);
  for (const percent of [10, 50]) await split(percent);
  await putService(server, "rollout", service("3", latest));
  await delay(SETTLE_MS);
  const answers = await load.stop();
  await split(30);
  const picked = await Promise.all(Array.from({ length: SPLIT }, () => client.call()));
  await client.close();
  const share = picked.filter(({ body }) => body === revisionOf(second)).length / SPLIT;
  // Three and a half standard deviations of a share of 30 % in as many requests.
  const deviation = 3.5 * Math.sqrt((0.3 * 0.7) / SPLIT);
  const failed = answers.filter(({ status }) => status !== 200);
  for (const { status, body } of failed.slice(0, 5)) console.error(`failed: ${status} ${body}`);
  const times = answers.map(({ ms }) => ms);
  return [
    {
      what: `rollouts and a rollback under ${RATE} requests/s: failed`,
      unit: "requests",
      value: failed.length,
      bar: 0,
    },
    { what: "requests during these", unit: "requests", value: answers.length },
    { what: "requests during these, p99", unit: "ms", value: percentile(times, 0.99) },
    { what: `share of ${SPLIT} requests off 30 %`, unit: "x", value: Math.abs(share - 0.3), bar: deviation },
  ];
}

function program(container: Json, code: string): Json {
  return { image: container["image"], command: ["node"], args: ["-e", code], resources: RESOURCES };
}

function to(service: Json, percent: number): Json {
  return { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: revisionOf(service), percent };
}

function revisionOf(service: Json): string {
  return String(service["latestReadyRevision"]).split("/").at(-1)!;
}

function callerOf(server: RealServer, uri: unknown, connections: number) {
  return caller(`http://127.0.0.1:${server.ingressPort}`, new URL(String(uri)).host, connections);
}
