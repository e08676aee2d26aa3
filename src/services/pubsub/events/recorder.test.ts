import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { PubsubMessageSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { randomIds } from "../../../platform/ids.ts";
import { jsonLog } from "../../../platform/log.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { until } from "../../../../tests/support/until.ts";
import type { AttemptOutcome, DeliveryAttempt } from "../push/delivery-attempt.ts";
import { sampleMessage } from "../push/testing/memory-deliveries.ts";
import { destinationOf, isDestination } from "./destination.ts";
import { findEvents } from "./event-record.ts";
import type { RecordedAttempt } from "./record-chunk.ts";
import { createRecorder } from "./recorder.ts";
import type { ChunkFacts, EventStore } from "./store.ts";

const SUBSCRIPTION = "projects/p/subscriptions/s";

test("attempts come back as they were recorded, with their messages unless these are large", async () => {
  const { recorder, clock } = start();
  recorder.record(attempt("1", { outcome: "FAILED", status: 500, detail: "no" }));
  clock.advance(1000);
  recorder.record(attempt("1", { attempt: 2 }));
  recorder.record(attempt("2", {}, 300 * 1024));
  const [first, second, third] = await all(recorder.chunks());
  assert.deepEqual([first?.messageId, first?.outcome, first?.status, first?.detail], ["1", "FAILED", 500, "no"]);
  assert.deepEqual(
    [second?.attempt, second?.outcome, third?.messageId, third?.message],
    [2, "DELIVERED", "2", undefined],
  );
  assert.equal(first?.message && fromBinary(PubsubMessageSchema, first.message).data.length, 16);
});

test("only so much is kept, by count, size and age", async () => {
  const { recorder, clock, chunks } = start();
  const flood = async (count: number, bytes: number) => {
    for (let n = 0; n < count; n++) recorder.record(attempt(String(n), {}, bytes));
    await recorder.flush();
  };
  for (let n = 0; n < 30; n++) await flood(1000, 10);
  assert.equal(sum(chunks(), "attempts"), 20_000);
  for (let n = 0; n < 40; n++) await flood(16, 250 * 1024);
  assert.ok(sum(chunks(), "bytes") <= 64 * 1024 * 1024);
  clock.advance(8 * 24 * 3_600_000);
  await flood(1, 10);
  assert.equal(sum(chunks(), "attempts"), 1);
});

test("what the disk does not take is not waited for, and not kept in memory", async () => {
  const disk = Promise.withResolvers<void>();
  const written: number[] = [];
  const write: EventStore["write"] = async ({ attempts }) => {
    written.push(attempts);
    await disk.promise;
  };
  const { recorder } = start({ write });
  for (let n = 0; n < 5_000; n++) recorder.record(attempt(String(n)));
  await until(async () => written.length > 0);
  for (let n = 0; n < 50_000; n++) recorder.record(attempt(String(n)));
  disk.resolve();
  await recorder.flush();
  assert.ok(written.reduce((total, count) => total + count, 0) <= 15_000, String(written));
});

test("events are found by what is asked for, newest first, and no more than asked for", async () => {
  const { recorder } = start();
  const endpoint = "https://hello-887208047088.us-central1.run.app/?x=y";
  for (const id of ["1", "2", "3"])
    recorder.record(attempt(id, { endpoint, outcome: id === "2" ? "DROPPED" : "DELIVERED" }));
  recorder.record(attempt("1", { outcome: "FAILED", attempt: 0 }));
  const ids = async (query: object) =>
    (await findEvents(recorder, { project: "projects/p", limit: 10, ...query })).map(({ messageId, attempts }) => [
      messageId,
      attempts.length,
    ]);
  assert.deepEqual(await ids({}), [
    ["1", 2],
    ["3", 1],
    ["2", 1],
  ]);
  assert.deepEqual(await ids({ limit: 1 }), [["1", 2]]);
  assert.deepEqual(await ids({ failed: true }), [
    ["1", 2],
    ["2", 1],
  ]);
  assert.deepEqual(await ids({ service: "Hello" }), [
    ["3", 1],
    ["2", 1],
    ["1", 1],
  ]);
  assert.deepEqual(await ids({ service: "other" }), []);
  assert.deepEqual(await ids({ project: "projects/other" }), []);
});

test("functions and services are told by their URLs", () => {
  const cases: Record<string, string | undefined> = {
    "https://hello-887208047088.us-central1.run.app/a": "hello",
    "https://tag---my-service-y6ndaeif3q-uc.a.run.app": "my-service",
    "http://hello-1.us-central1.run.localhost:8485": "hello",
    "https://us-central1-my-project.cloudfunctions.net/Hello_World/x": "Hello_World",
    "https://us-central1-my-project.cloudfunctions.net/": undefined,
    "https://hello.example/": undefined,
    "": undefined,
  };
  for (const [url, id] of Object.entries(cases)) assert.equal(destinationOf(url), id, url);
  assert.ok(isDestination("https://hello-world-1.us-central1.run.app", "Hello_World"));
});

function start(overrides: Partial<EventStore> = {}) {
  const clock = createManualClock();
  const rows = new Map<string, ChunkFacts & { content: Uint8Array }>();
  const store: EventStore = {
    async write(chunk, deleted) {
      rows.set(chunk.id, chunk);
      for (const id of deleted) rows.delete(id);
    },
    list: async () => [...rows.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    read: async (id) => rows.get(id)?.content,
    faults: async () => [],
    setFaults: async () => {},
    clearFaults: async () => {},
    ...overrides,
  };
  const log = jsonLog(
    (line) => process.stderr.write(line),
    "ERROR",
    () => clock.nowMs(),
  );
  const recorder = createRecorder({ store, clock, ids: randomIds, log });
  return { recorder, clock, chunks: () => [...rows.values()] };
}

function attempt(
  id: string,
  fields: Partial<DeliveryAttempt> & { outcome?: AttemptOutcome } = {},
  bytes = 16,
): DeliveryAttempt {
  const message = sampleMessage(id, { data: new Uint8Array(bytes) });
  return {
    subscription: SUBSCRIPTION,
    leased: { message, encoded: toBinary(PubsubMessageSchema, message) },
    attempt: 1,
    endpoint: "http://127.0.0.1:1/",
    startMs: 0,
    latencyMs: 5,
    outcome: "DELIVERED",
    status: 200,
    detail: "",
    traceId: undefined,
    ...fields,
  };
}

async function all(chunks: AsyncIterable<readonly RecordedAttempt[]>): Promise<RecordedAttempt[]> {
  const oldestFirst: RecordedAttempt[] = [];
  for await (const chunk of chunks) oldestFirst.unshift(...chunk);
  return oldestFirst.map((each) => ({ ...each, ...(each.message && { message: new Uint8Array(each.message) }) }));
}

function sum(chunks: readonly ChunkFacts[], what: "attempts" | "bytes"): number {
  return chunks.reduce((total, chunk) => total + chunk[what], 0);
}
