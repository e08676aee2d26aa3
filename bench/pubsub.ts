import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PubSub, type Subscription, type Topic } from "@google-cloud/pubsub";
import { startRealServer } from "../tests/support/real-server.ts";
import { type Figure, percentile, report, sample } from "./support/figures.ts";
import { residentMib } from "./support/builds.ts";
import { openPubsubEmulator } from "./support/pubsub-emulator.ts";

/** Messages through Pub/Sub with the official client for Node.js, against the official emulator, which keeps them in memory. */
const MESSAGES = Number(process.env["BENCH_MESSAGES"] ?? 20_000);
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 5);
const SINGLE = 100;
const IDLE = Number(process.env["BENCH_IDLE"] ?? 1000);
/** The heap has settled by then. */
const SETTLE_SECONDS = 15;
const IDLE_SECONDS = 5;
const DATA = Buffer.alloc(1000, "x");

interface Round {
  /** Messages a second until the last one was acknowledged by the server. */
  readonly publish: number;
  /** Messages a second from the first publish to the last handler, which acknowledges. */
  readonly roundTrip: number;
}

const emulator = await openPubsubEmulator();
if (!emulator) {
  console.error("NOT RUN: figures of Pub/Sub, because its emulator (gcloud components) or java is missing");
  process.exit(1);
}
await using _emulator = emulator;
await using server = await startRealServer();
const [ours, theirs] = [clientOf(`127.0.0.1:${server.apiPort}`), clientOf(emulator.address)];
report([...(await throughput()), ...(await latency()), ...(await idle())]);
await Promise.all([ours.close(), theirs.close()]);

function clientOf(apiEndpoint: string): PubSub {
  return new PubSub({ projectId: "homerun-local", apiEndpoint, emulatorMode: true });
}

async function throughput(): Promise<Figure[]> {
  const rounds: { ours: Round; theirs: Round }[] = [];
  // The first one warms up compilers on all sides.
  for (let index = 0; index <= ROUNDS; index++) {
    const each = { ours: await round(ours, index), theirs: await round(theirs, index) };
    if (index > 0) rounds.push(each);
  }
  const figure = (what: string, value: (one: Round) => number): Figure[] => {
    const [mine, peers] = [rounds.map((each) => value(each.ours)), rounds.map((each) => value(each.theirs))];
    const peer = { what: "emulator", value: percentile(peers) };
    return [
      { what, unit: "/s", value: percentile(mine), peer, samples: mine },
      { what: `${what}, over the emulator's`, unit: "x", value: percentile(mine) / peer.value, least: 1 },
    ];
  };
  return [
    ...figure("messages of 1 kB published", ({ publish }) => publish),
    ...figure("messages of 1 kB published, delivered and acknowledged", ({ roundTrip }) => roundTrip),
  ];
}

async function round(client: PubSub, index: number): Promise<Round> {
  await using stored = await open(client, `stored-${index}`);
  const publishMs = await publishAll(stored.topic);
  await using passed = await open(client, `passed-${index}`);
  const received = count(passed.subscription, MESSAGES);
  const start = performance.now();
  await publishAll(passed.topic);
  await received;
  return { publish: perSecond(publishMs), roundTrip: perSecond(performance.now() - start) };
}

async function publishAll(topic: Topic): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: MESSAGES }, () => topic.publishMessage({ data: DATA })));
  return performance.now() - start;
}

/** Acknowledges all messages; resolves when there were so many. */
function count(subscription: Subscription, messages: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = messages;
    subscription.on("error", reject);
    subscription.on("message", (message) => {
      message.ack();
      if (--left === 0) resolve();
    });
  });
}

/** One message at a time, each published when the one before has reached its handler. */
async function latency(): Promise<Figure[]> {
  const [mine, peers] = [await singleMs(ours), await singleMs(theirs)];
  const peer = { what: "emulator", value: percentile(peers) };
  const [what, unit] = ["one message from publish to handler", "ms"] as const;
  return [
    { what: `${what}, p50`, unit, value: percentile(mine), bar: 3, peer, samples: mine },
    { what: `${what}, p99`, unit, value: percentile(mine, 0.99), peer: { ...peer, value: percentile(peers, 0.99) } },
  ];
}

async function singleMs(client: PubSub): Promise<number[]> {
  await using single = await open(client, "single");
  const topic = client.topic(single.topic.name, { batching: { maxMessages: 1 } });
  let received: (() => void) | undefined;
  single.subscription.on("message", (message) => {
    message.ack();
    received?.();
  });
  const one = async () => {
    const arrived = new Promise<void>((resolve) => (received = resolve));
    const start = performance.now();
    await topic.publishMessage({ data: DATA });
    await arrived;
    return performance.now() - start;
  };
  await sample(SINGLE, one);
  return await sample(SINGLE, one);
}

/** A topic with a subscription, which go in the end. */
async function open(
  client: PubSub,
  name: string,
): Promise<{ topic: Topic; subscription: Subscription } & AsyncDisposable> {
  const unique = `${name}-${process.pid}`;
  const [topic] = await client.createTopic(unique);
  const [subscription] = await topic.createSubscription(unique);
  return {
    topic,
    subscription,
    async [Symbol.asyncDispose]() {
      await subscription.close();
      await subscription.delete();
      await topic.delete();
    },
  };
}

/** What topics and subscriptions cost that nobody uses: servers that are started and left alone, without and with them. */
async function idle(): Promise<Figure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "homerun-bench-"));
  try {
    // What a first start fetches and makes is none of their cost.
    await measureIdle(dataDir);
    const none = await measureIdle(dataDir);
    await makeIdle(dataDir);
    const all = await measureIdle(dataDir);
    const [mebibytes, busyMs] = [all.mebibytes - none.mebibytes, all.busyMs - none.busyMs];
    return [
      { what: `memory that ${IDLE} idle topics and subscriptions take`, unit: "MiB", value: mebibytes, bar: 20 },
      { what: "processor time they take in a second", unit: "ms", value: busyMs, bar: 2 },
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureIdle(dataDir: string): Promise<{ mebibytes: number; busyMs: number }> {
  await using idler = await startRealServer({ dataDir, removeData: false });
  await delay(SETTLE_SECONDS * 1000);
  const [mebibytes, startMs] = [residentMib(idler.pid), cpuMs(idler.pid)];
  await delay(IDLE_SECONDS * 1000);
  return { mebibytes, busyMs: (cpuMs(idler.pid) - startMs) / IDLE_SECONDS };
}

async function makeIdle(dataDir: string): Promise<void> {
  await using maker = await startRealServer({ dataDir, removeData: false });
  const make = async (collection: string, index: number, body: object) => {
    const path = `/pubsub/v1/projects/homerun-local/${collection}/idle-${index}`;
    const { status, body: answer } = await maker.json("PUT", path, body);
    if (status !== 200) throw new Error(JSON.stringify(answer));
  };
  for (let index = 0; index < IDLE; index++) {
    await make("topics", index, {});
    await make("subscriptions", index, { topic: `projects/homerun-local/topics/idle-${index}` });
  }
}

/** Processor time that a process has used, ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function perSecond(ms: number): number {
  return (MESSAGES / ms) * 1000;
}
