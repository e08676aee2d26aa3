import assert from "node:assert/strict";
import { test } from "node:test";
import { taskCapacity } from "./task-capacity.ts";

const never = new AbortController().signal;
const containers = (cpus: number, memoryBytes = 1) => [{ limits: { cpus, memoryBytes } }];

/** What has happened by the time every promise that could go on has done so. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("tasks wait for CPU and memory in the order of arrival", async () => {
  const { slot } = taskCapacity({ cpus: 2, memoryBytes: 10 });
  const started: string[] = [];
  const first = await slot(containers(1, 6), never);
  const waits = [
    slot(containers(1, 6), never).then((held) => (started.push("memory"), held)),
    slot(containers(1, 1), never).then((held) => (started.push("small"), held)),
  ];
  await settled();
  assert.equal(started.length, 0, "a small one does not overtake");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const [second, third] = await Promise.all(waits);
  assert.deepEqual(started, ["memory", "small"]);
  const fourth = slot(containers(0.5), never).then(() => started.push("fourth"));
  await settled();
  assert.equal(started.length, 2);
  second![Symbol.dispose]();
  await fourth;
  third![Symbol.dispose]();
});

test("what is larger than the host runs alone, and who gives up makes way", async () => {
  const { slot } = taskCapacity({ cpus: 1, memoryBytes: 10 });
  const large = await slot(containers(8, 100), never);
  const impatient = new AbortController();
  const waiting = slot(containers(4), impatient.signal);
  const next = slot(containers(1), never);
  impatient.abort(new Error("cancelled"));
  await assert.rejects(waiting, /cancelled/);
  large[Symbol.dispose]();
  (await next)[Symbol.dispose]();
  await assert.rejects(slot(containers(1), impatient.signal), /cancelled/);
});
