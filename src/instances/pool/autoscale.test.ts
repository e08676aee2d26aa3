import assert from "node:assert/strict";
import { test } from "node:test";
import { type InstanceStats, planScaling, type ScalingStats, startBackoffMs } from "./autoscale.ts";

const NOW = 1_000_000;

const instance = (id: string, fields: Partial<InstanceStats> = {}): InstanceStats => ({
  id,
  state: "ready",
  active: 0,
  idleSinceMs: NOW,
  ...fields,
});

const plan = (fields: Partial<ScalingStats>) =>
  planScaling(NOW, {
    instances: [],
    queued: 0,
    concurrency: 1,
    minInstances: 0,
    maxInstances: 100,
    idleMs: 900_000,
    retryAtMs: 0,
    ...fields,
  });

test("starts as many instances as the queued requests need", () => {
  assert.equal(plan({ queued: 1 }).start.forTraffic, 1);
  assert.equal(plan({ queued: 161, concurrency: 80 }).start.forTraffic, 3);
});

test("counts on instances that start already", () => {
  const instances = [instance("a", { state: "starting" }), instance("b", { active: 1 })];
  assert.equal(plan({ queued: 1, instances }).start.forTraffic, 0);
  assert.equal(plan({ queued: 3, instances }).start.forTraffic, 2);
});

test("never exceeds maxInstances; instances that stop do not count", () => {
  const instances = [instance("a", { active: 1 }), instance("b", { state: "stopping" })];
  assert.equal(plan({ queued: 50, instances, maxInstances: 3 }).start.forTraffic, 2);
});

test("keeps minInstances, those started for traffic included", () => {
  assert.deepEqual(plan({ minInstances: 2 }).start, { forTraffic: 0, forMinimum: 2 });
  assert.deepEqual(plan({ minInstances: 2, queued: 1 }).start, { forTraffic: 1, forMinimum: 1 });
});

test("stops instances that were idle for long, the longest idle first, down to minInstances", () => {
  const instances = [
    instance("a", { idleSinceMs: NOW - 900_000 }),
    instance("b", { idleSinceMs: NOW - 900_001 }),
    instance("busy", { idleSinceMs: 0, active: 1 }),
  ];
  assert.deepEqual(plan({ instances }).stop, ["b", "a"]);
  assert.deepEqual(plan({ instances, minInstances: 2 }).stop, ["b"]);
  assert.deepEqual(plan({ instances, minInstances: 3 }).stop, []);
});

test("tells when the next instance will have been idle for long", () => {
  assert.equal(plan({ instances: [instance("a")] }).nextMs, NOW + 900_000);
  assert.equal(plan({ instances: [instance("a")], minInstances: 1 }).nextMs, undefined);
});

test("after failed starts waits with starts that nothing depends on", () => {
  const retryAtMs = NOW + 500;
  assert.deepEqual(plan({ minInstances: 1, retryAtMs }), {
    start: { forTraffic: 0, forMinimum: 0 },
    stop: [],
    nextMs: retryAtMs,
  });
  assert.equal(plan({ queued: 1, retryAtMs }).start.forTraffic, 1);
  const instances = [instance("a", { active: 1 })];
  const withOthers = plan({ queued: 1, retryAtMs, instances });
  assert.deepEqual([withOthers.start.forTraffic, withOthers.nextMs], [0, retryAtMs]);
});

test("backs off from one second to one minute", () => {
  assert.deepEqual([0, 1, 2, 3, 7, 100].map(startBackoffMs), [0, 1000, 2000, 4000, 60_000, 60_000]);
});
