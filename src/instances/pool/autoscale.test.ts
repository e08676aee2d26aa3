import assert from "node:assert/strict";
import { test } from "node:test";
import { type InstanceStats, planScaling, type ScalingStats } from "./autoscale.ts";

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
    load: { requests: 0, cpus: 0 },
    concurrency: 1,
    cpusPerInstance: 1,
    minInstances: 0,
    maxInstances: 100,
    settleMs: 0,
    surge: 0,
    idleMs: 900_000,
    trafficRetryMs: 0,
    retryMs: 0,
    isFailing: false,
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

test("requests that ready instances will soon have taken on start none until then", () => {
  const stats = { queued: 240, concurrency: 80, instances: [instance("a", { active: 80 })] };
  const { start, nextMs } = plan({ ...stats, settleMs: NOW + 400 });
  assert.deepEqual([start.forTraffic, nextMs], [0, NOW + 400]);
  assert.equal(plan({ ...stats, settleMs: NOW }).start.forTraffic, 3);
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
  const retryMs = NOW + 500;
  assert.deepEqual(plan({ minInstances: 1, retryMs }), {
    start: { forTraffic: 0, forMinimum: 0 },
    stop: [],
    spread: Infinity,
    nextMs: retryMs,
  });
  assert.equal(plan({ queued: 1, retryMs }).start.forTraffic, 1);
  const instances = [instance("a", { active: 1 })];
  const withOthers = plan({ queued: 1, retryMs, instances });
  assert.deepEqual([withOthers.start.forTraffic, withOthers.nextMs], [0, retryMs]);
});

test("while starts fail, one at a time is tried, and for requests after a while of their own", () => {
  const failing = { isFailing: true, concurrency: 1, minInstances: 5, queued: 20 };
  assert.deepEqual(plan(failing).start, { forTraffic: 1, forMinimum: 0 });
  assert.deepEqual(plan({ ...failing, queued: 0 }).start, { forTraffic: 0, forMinimum: 1 });
  const starting = [instance("a", { state: "starting" })];
  assert.deepEqual(plan({ ...failing, instances: starting }).start, { forTraffic: 0, forMinimum: 0 });
  const putOff = plan({ ...failing, trafficRetryMs: NOW + 250, retryMs: NOW + 4000 });
  assert.deepEqual([putOff.start.forTraffic, putOff.nextMs], [0, NOW + 250]);
});

const busy = (count: number, fields: Partial<InstanceStats> = {}) =>
  Array.from({ length: count }, (_, n) => instance(`i${n}`, { active: 1, ...fields }));

// Google: instances = average / per instance / 60 %, the larger number of concurrency and CPU.
for (const [what, load, instances, expected] of [
  ["below the target", { requests: 48, cpus: 0.6 }, 1, 0],
  ["concurrency above the target", { requests: 49, cpus: 0 }, 1, 1],
  ["concurrency far above the target", { requests: 480, cpus: 0.1 }, 4, 6],
  ["CPU above the target", { requests: 1, cpus: 0.7 }, 1, 1],
  ["CPU and concurrency", { requests: 97, cpus: 2.5 }, 2, 3],
  ["scaled to zero", { requests: 97, cpus: 2.5 }, 0, 0],
  ["at maxInstances", { requests: 9999, cpus: 0 }, 20, 0],
] as const) {
  test(`averages of a minute: ${what}`, () => {
    const stats = { load, concurrency: 80, maxInstances: 20, instances: busy(instances) };
    assert.equal(plan(stats).start.forTraffic, expected);
  });
}

test("instances that the last minute needs are not idle, but CPU alone never keeps the last one", () => {
  const instances = busy(3, { active: 0, idleSinceMs: 0 });
  assert.deepEqual(plan({ instances, load: { requests: 0, cpus: 0.1 } }).stop.length, 3);
  assert.deepEqual(plan({ instances, load: { requests: 0, cpus: 1 } }).stop.length, 1);
});

test("as many instances share the requests as the last minute needs; all when there was next to nothing", () => {
  assert.equal(plan({ load: { requests: 0.9, cpus: 0 } }).spread, Infinity);
  assert.equal(plan({ load: { requests: 10, cpus: 0 }, concurrency: 80 }).spread, 1);
  assert.equal(plan({ load: { requests: 100, cpus: 0 }, concurrency: 80 }).spread, 3);
  assert.equal(plan({ load: { requests: 10, cpus: 0 }, concurrency: 80, minInstances: 4 }).spread, 4);
});

test("more instances than maxInstances are stopped at once, those that do least first", () => {
  const instances = [
    instance("busy", { active: 3 }),
    instance("less", { active: 1 }),
    instance("idle"),
    instance("long", { idleSinceMs: NOW - 5 }),
    instance("starting", { state: "starting" }),
  ];
  const stopped = (maxInstances: number, surge = 0) =>
    plan({ instances, maxInstances, minInstances: maxInstances, surge }).stop;
  assert.deepEqual(stopped(5), []);
  assert.deepEqual(stopped(4), ["starting"]);
  assert.deepEqual(stopped(4, 1), []);
  assert.deepEqual(stopped(1), ["starting", "long", "idle", "less"]);
  assert.deepEqual(stopped(0).length, 5);
});
