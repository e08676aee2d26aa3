import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../platform/manual-clock.ts";
import { deploy, revision, startFloor } from "./pool/testing/floor.ts";
import { UsageCounter } from "./usage-counter.ts";

test("time counts as busy from the start until ready, and while there are requests", () => {
  const clock = createManualClock(0);
  const usage = new UsageCounter(clock);
  clock.advance(100);
  usage.ready();
  clock.advance(50);
  usage.enter();
  usage.enter();
  clock.advance(30);
  usage.leave();
  clock.advance(30);
  assert.deepEqual(usage.read(), { startupMs: 100, aliveMs: 210, busyMs: 160, peakRequests: 2 });
  usage.leave();
  clock.advance(40);
  assert.deepEqual(usage.read(), { startupMs: 100, aliveMs: 250, busyMs: 160, peakRequests: 1 });
  assert.equal(usage.read().peakRequests, 0);
});

test("an instance is read while it runs, and once more when it has ended", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  assert.equal((await test.fetch("/")).status, 200);
  const [reading, ...others] = await test.floor.readings();
  assert.equal(others.length, 0);
  const { workload, state, startupMs = 0, busyMs, aliveMs, peakRequests } = reading!;
  assert.match(workload.name, /\/revisions\/r1$/);
  assert.deepEqual([state, peakRequests], ["idle", 1]);
  assert.ok(startupMs > 0 && busyMs >= startupMs && aliveMs >= busyMs);
  await test.floor.removeRevision(workload.name);
  const last = await test.floor.readings();
  assert.deepEqual(
    last.map((each) => [each.instanceId, each.state]),
    [[reading!.instanceId, "ended"]],
  );
  assert.deepEqual(await test.floor.readings(), []);
});
