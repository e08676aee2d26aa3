import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceLogEntry } from "../../instances/serving.ts";
import { createInstanceLogs } from "./instance-logs.ts";

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

test("dropped entries are told once in a while", async () => {
  const { logs, warnings } = logsWithWarnings();
  for (let n = 0; n < 40; n++) logs.write(line("x".repeat(MIB)));
  await logs[Symbol.asyncDispose]();
  const [{ dropped }, ...others] = warnings as [{ dropped: number }];
  assert.ok(dropped > 0);
  assert.deepEqual(others, []);
});
