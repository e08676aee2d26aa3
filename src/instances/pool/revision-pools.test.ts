import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { silentLog } from "../../platform/log.ts";
import { StartError } from "../containers/start-instance.ts";
import { createInstanceReadings } from "../readings.ts";
import { revisionPools } from "./revision-pools.ts";
import { defaultServingSettings } from "./settings.ts";
import { revision, SERVICE } from "./testing/floor.ts";

const R1 = `${SERVICE}/revisions/r1`;

/** Pools on a host without memory, and what became of what it may take away before instances. */
function shortOfMemory(ahead: string[]) {
  const events: string[] = [];
  const pools = revisionPools({
    clock: systemClock,
    ids: randomIds,
    log: silentLog,
    writeLog: () => {},
    readings: createInstanceReadings(),
    settings: { ...defaultServingSettings, hostMemoryReserveBytes: Number.MAX_SAFE_INTEGER },
    ahead: () =>
      ahead.map((name) => ({
        idleSinceMs: 0,
        evict: async () => {
          ahead.splice(ahead.indexOf(name), 1);
          events.push(`${name} goes`);
        },
      })),
    start: async () => {
      events.push("an instance starts");
      throw new StartError("RUNTIME", "enough seen");
    },
  });
  return { pools, events };
}

test("a host short of memory takes away what was started ahead before an instance starts", async () => {
  const { pools, events } = shortOfMemory(["a stem", "another stem"]);
  await using _closed = pools;
  pools.ensure(revision("r1"));
  assert.equal((await pools.awaitReady(R1, undefined)).ready, false);
  assert.deepEqual(events, ["a stem goes", "another stem goes", "an instance starts"]);
});

test("a revision is there from its declaration to its removal, and has instances when it is needed", async () => {
  const { pools, events } = shortOfMemory([]);
  await using _closed = pools;
  pools.ensure(revision("r1"));
  pools.ensure(revision("r1", { maxInstances: 0 }));
  assert.deepEqual(pools.counts(R1), { starting: 0, active: 0, idle: 0 });
  assert.deepEqual(await pools.awaitReady(R1, undefined), { ready: true });
  pools.ensure(revision("r2"));
  await pools.remove(`${SERVICE}/revisions/r2`);
  assert.equal(pools.get(`${SERVICE}/revisions/r2`), undefined);
  pools.ensure(revision("r3", { minInstances: 1 }));
  assert.equal(pools.counts(`${SERVICE}/revisions/r3`).starting, 1);
  await pools.remove(`${SERVICE}/revisions/r3`);
  assert.ok(!events.includes("a stem goes"));
});
