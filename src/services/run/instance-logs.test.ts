import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceLogEntry } from "../../instances/serving.ts";
import { randomIds } from "../../platform/ids.ts";
import type { FinishedLogEntry } from "../../wire/log-intake.ts";
import { createInstanceLogs } from "./instance-logs.ts";

const REQUESTS = "projects/demo/logs/run.googleapis.com%2Frequests";
const MIB = 1024 * 1024;

/** Logs whose writer takes everything at once, and the warnings that come of it. */
function logsWithWarnings() {
  const warnings: unknown[] = [];
  const written: number[] = [];
  const writeLogEntries = async ({ entries }: { entries: unknown[] }) => void written.push(entries.length);
  const log = { warning: (_message: string, fields: unknown) => void warnings.push(fields), error: assert.fail };
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const logs = createInstanceLogs({ clients: { of: () => ({ writeLogEntries }) }, log, clock } as never);
  return { logs, warnings, written };
}

function line(textPayload: string): InstanceLogEntry {
  const monitoredResource = { type: "cloud_run_revision", labels: {} };
  const workload = { project: { id: "demo" }, monitoredResource, logLabels: {} };
  const entry = { workload, instanceId: "i", log: "stdout", timestampMs: 0, severity: "DEFAULT", textPayload };
  return entry as unknown as InstanceLogEntry;
}

test("entries are written together, and nothing is warned of while none is dropped", async () => {
  const { logs, warnings, written } = logsWithWarnings();
  for (let n = 0; n < 3; n++) logs.write(line(`line ${n}`));
  await logs[Symbol.asyncDispose]();
  assert.deepEqual([written, warnings], [[3], []]);
});

test("entries of the request log go the short way, each with an insert id of its own", async () => {
  const taken: FinishedLogEntry[] = [];
  const takeLogEntries = async (entries: readonly FinishedLogEntry[]) => void taken.push(...entries);
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const logs = createInstanceLogs({ takeLogEntries, ids: randomIds, log: { error: assert.fail }, clock } as never);
  const httpRequest = { requestMethod: "GET", requestUrl: "http://hello/", status: 200, protocol: "HTTP/1.1" };
  const counted = { requestSize: 0, responseSize: 0, latencyMs: 1, userAgent: "", remoteIp: "" };
  const { textPayload: _none, ...about } = line("");
  for (let n = 0; n < 3; n++) logs.write({ ...about, log: "requests", httpRequest: { ...httpRequest, ...counted } });
  await logs[Symbol.asyncDispose]();
  assert.deepEqual(new Set(taken.map(({ log_name }) => log_name)), new Set([REQUESTS]));
  const insertIds = taken.map(({ message }) => (JSON.parse(message) as { insertId: string }).insertId);
  assert.deepEqual([insertIds.length, new Set(insertIds).size], [3, 3]);
  assert.deepEqual(insertIds, insertIds.toSorted());
});

test("dropped entries are told once in a while", async () => {
  const { logs, warnings } = logsWithWarnings();
  for (let n = 0; n < 40; n++) logs.write(line("x".repeat(MIB)));
  await logs[Symbol.asyncDispose]();
  const [{ dropped }, ...others] = warnings as [{ dropped: number }];
  assert.ok(dropped > 0);
  assert.deepEqual(others, []);
});
