import { setTimeout as delay } from "node:timers/promises";
import { deploy } from "../tests/support/real-functions.ts";
import { type RealServer } from "../tests/support/real-server.ts";
import { until } from "../tests/support/until.ts";
import { startWarmServer } from "../tests/support/warm-data.ts";
import { percentile, report } from "./support/figures.ts";

/** How long it takes until what happens enters a warm function: a message that is published, an object that is uploaded. */
const CODE = `
const { cloudEvent } = require("@google-cloud/functions-framework");
cloudEvent("enter", ({ data }) => {
  const enteredMs = performance.timeOrigin + performance.now();
  const name = data.name ?? Buffer.from(data.message.data, "base64").toString();
  console.log(JSON.stringify({ message: "entered", name, enteredMs, finalizedMs: Date.parse(data.timeCreated) }));
});`;
const PROJECT = "projects/homerun-local";
const EVENTS = 200;
const WARM_UP = 50;
/** Between two events, so that each is alone. */
const PAUSE_MS = 20;

const EVENT_HEADERS = {
  "content-type": "application/json",
  "ce-specversion": "1.0",
  "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
  "ce-source": "//pubsub.googleapis.com/projects/homerun-local/topics/bench",
};

interface Entered {
  readonly name: string;
  readonly enteredMs: number;
  readonly finalizedMs: number | null;
}

await using server = await startWarmServer();
const { requests, messages } = await measureMessages(server);
const objects = await measureObjects(server);
const peer = { what: "a request with the event", value: percentile(requests) };
report([
  { what: "publish sent to function entered, p50", unit: "ms", value: percentile(messages), peer, samples: messages },
  { what: "publish sent to function entered, p95", unit: "ms", value: percentile(messages, 0.95) },
  {
    what: "object finalized to warm function entered, p50",
    unit: "ms",
    value: percentile(objects.fromFinalized),
    bar: 10,
    peer,
    samples: objects.fromFinalized,
  },
  {
    what: "object finalized to warm function entered, p95",
    unit: "ms",
    value: percentile(objects.fromFinalized, 0.95),
  },
  { what: "upload sent to warm function entered, p50", unit: "ms", value: percentile(objects.fromSent) },
]);

/** Messages that are published and, for comparison, the same event in a request straight to the function's URL. */
async function measureMessages(on: RealServer): Promise<{ requests: number[]; messages: number[] }> {
  const pubsubTopic = `${PROJECT}/topics/bench`;
  const eventTrigger = { eventType: "google.cloud.pubsub.topic.v1.messagePublished", pubsubTopic };
  const url = await deploy(on, "on-message", { code: CODE, entryPoint: "enter", eventTrigger });
  const encoded = (name: string) => ({ data: Buffer.from(name).toString("base64") });
  const requested = await happen("request", (name) => {
    const body = JSON.stringify({ message: encoded(name) });
    const headers = { ...EVENT_HEADERS, "ce-id": name };
    return on.call(url, { method: "POST", headers, body, path: "/" });
  });
  const published = await happen("message", (name) =>
    on.json("POST", `/pubsub/v1/${pubsubTopic}:publish`, { messages: [encoded(name)] }),
  );
  const since = (sent: Map<string, number>, entered: Entered[]) =>
    entered.map(({ name, enteredMs }) => enteredMs - sent.get(name)!);
  return {
    requests: since(requested, await enteredOf(on, "on-message", "request")),
    messages: since(published, await enteredOf(on, "on-message", "message")),
  };
}

async function measureObjects(on: RealServer): Promise<{ fromFinalized: number[]; fromSent: number[] }> {
  const bucket = { name: "bench-events", location: "us-central1" };
  await on.json("POST", "/storage/v1/b?project=homerun-local", bucket);
  const eventFilters = [{ attribute: "bucket", value: bucket.name }];
  const eventTrigger = { eventType: "google.cloud.storage.object.v1.finalized", eventFilters };
  await deploy(on, "on-upload", { code: CODE, entryPoint: "enter", eventTrigger }, { isPublic: false });
  const path = `/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=`;
  const sent = await happen("object", (name) => on.json("POST", path + name, { content: name }));
  const entered = await enteredOf(on, "on-upload", "object");
  return {
    fromFinalized: entered.map(({ enteredMs, finalizedMs }) => enteredMs - finalizedMs!),
    fromSent: entered.map(({ name, enteredMs }) => enteredMs - sent.get(name)!),
  };
}

/** Makes one event after the other; resolves with the time, ms, at which each was asked for, but for the first ones. */
async function happen(
  kind: string,
  make: (name: string) => Promise<{ readonly status: number }>,
): Promise<Map<string, number>> {
  const sent = new Map<string, number>();
  for (let index = 0; index < WARM_UP + EVENTS; index++) {
    const name = index < WARM_UP ? "warm-up" : `${kind}-${index}`;
    sent.set(name, performance.timeOrigin + performance.now());
    const { status } = await make(name);
    if (status >= 300) throw new Error(`event ${index} was answered with ${status}`);
    await delay(PAUSE_MS);
  }
  return sent;
}

/** What the function said of each event, once it has said it of all. */
function enteredOf(on: RealServer, service: string, kind: string): Promise<Entered[]> {
  const filter = `resource.labels.service_name="${service}" jsonPayload.message="entered" jsonPayload.name:"${kind}-"`;
  const request = { resourceNames: [PROJECT], filter, pageSize: 1000 };
  return until(async () => {
    const { body } = await on.json("POST", "/logging/v2/entries:list", request);
    const entries = (body["entries"] ?? []) as { jsonPayload: Entered }[];
    const first = new Map(entries.map(({ jsonPayload }) => [jsonPayload.name, jsonPayload]));
    return first.size >= EVENTS && [...first.values()];
  });
}
