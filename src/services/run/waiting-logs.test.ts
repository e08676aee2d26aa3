import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceLogEntry } from "../../instances/serving.ts";
import { waitingLogs } from "./waiting-logs.ts";

const KIB = 1024;
const limits = { ownBytes: 100 * KIB, allBytes: 150 * KIB, batchBytes: 40 * KIB, batchEntries: 10 };

function entry(instanceId: string, textPayload: string): InstanceLogEntry {
  return { instanceId, textPayload, log: "stdout", timestampMs: 0, severity: "DEFAULT" } as unknown as InstanceLogEntry;
}

const textsOf = (entries: readonly InstanceLogEntry[]) => entries.map(({ textPayload }) => textPayload);

test("entries come out in their instance's order, some of each instance", () => {
  const logs = waitingLogs(limits);
  for (let n = 0; n < 12; n++) logs.add(entry("loud", `loud ${n}`));
  logs.add(entry("quiet", "quiet 0"));
  const loud = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `loud ${from + n}`);
  assert.deepEqual(textsOf(logs.take()), [...loud(0, 5), "quiet 0", ...loud(5, 9)]);
  assert.equal(logs.count, 3);
  assert.deepEqual(textsOf(logs.take()), loud(9, 12));
  assert.deepEqual([logs.take(), logs.count, logs.fullness], [[], 0, 0]);
});

test("an instance that writes more than is taken loses its oldest entries, and the others none", () => {
  const logs = waitingLogs(limits);
  logs.add(entry("quiet", "quiet 0"));
  let dropped = 0;
  for (let n = 0; n < 1000; n++) dropped += logs.add(entry("loud", `${n} ${"x".repeat(10 * KIB)}`));
  assert.ok(logs.fullness < 1);
  assert.equal(logs.count, 1001 - dropped);
  const taken: InstanceLogEntry[] = [];
  for (let batch = logs.take(); batch.length > 0; batch = logs.take()) {
    assert.ok(batch.length <= 5, "a batch is small, too");
    taken.push(...batch);
  }
  const texts = textsOf(taken);
  assert.ok(texts.includes("quiet 0"));
  assert.equal(texts.at(-1)?.slice(0, 4), "999 ");
});

test("many instances share the bound, and the one with most gives way", () => {
  const logs = waitingLogs(limits);
  for (let n = 0; n < 9; n++) logs.add(entry("loud", "x".repeat(10 * KIB)));
  for (let n = 0; n < 6; n++) assert.equal(logs.add(entry(`quiet ${n}`, "x".repeat(8 * KIB))), 0);
  assert.equal(logs.add(entry("quiet 6", "x".repeat(10 * KIB))), 3);
});
