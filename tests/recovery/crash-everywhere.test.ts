import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { crashEverywhere, type CrashScenario, interruptEverywhere } from "./crash-everywhere.ts";
import {
  type BrokenRule,
  createFunction,
  createSampleTables,
  observeSample,
  sampleReconciler,
  type SampleTables,
  type SampleWorld,
  updateFunction,
} from "./sample-service.ts";

const scenario = (broken?: BrokenRule): CrashScenario<SampleWorld> => ({
  makeWorld: () => ({ images: new Set(), services: new Map() }),
  setUp: (process) => createSampleTables(process.store),
  request: (process) => createFunction(process, broken),
  run: (process) => ({ function: sampleReconciler(process, broken) }),
  observe: observeSample,
});

/** An update in the middle; images of the superseded generation may have been built or not. */
const interruption = (broken?: BrokenRule) => ({
  ...scenario(broken),
  interrupt: updateFunction,
  async observe(process: Parameters<typeof observeSample>[0]) {
    const query = process.store
      .read<SampleTables>()
      .selectFrom("operations")
      .selectAll()
      .where("name", "=", "update-2");
    const end = (await observeSample(process)) as Record<string, unknown>;
    return { ...end, operations: await query.execute(), images: undefined };
  },
});

test("work that keeps the rules ends the same wherever the process dies", async () => {
  const boundaries = await crashEverywhere(scenario());
  for (const expected of [
    'after insert into "wakeups"',
    "before commit",
    "after commit",
    "before effects.ensureImage",
  ]) {
    assert.ok(boundaries.includes(expected), `${expected} is not among ${boundaries.join(", ")}`);
  }
  assert.ok(boundaries.includes('after delete from "wakeups"'));
});

test("work that keeps the rules ends the same whenever an update comes in between", async () => {
  const boundaries = await interruptEverywhere(interruption());
  assert.ok(boundaries.includes("after effects.ensureService"));
});

const brokenRules: readonly BrokenRule[] = [
  "request in two transactions",
  "knowledge kept in memory",
  "ids not derived",
  "finished in two transactions",
  "wake-up deleted before the work",
  "settled before the end",
];

for (const broken of brokenRules) {
  test(`work with the rule broken "${broken}" is found out, though undisturbed it ends well`, async () => {
    const ends: string[] = [];
    const observe = async (process: Parameters<typeof observeSample>[0]) => {
      const end = await observeSample(process);
      ends.push(inspect(end, { depth: null }));
      return end;
    };
    await assert.rejects(crashEverywhere({ ...scenario(broken), observe }), /struck at boundary \d+ of \d+ \(/);
    assert.match(ends[0] ?? "", /state: 'ACTIVE'.*done: 1.*'image of/s);
  });
}

test("work that finishes whatever the generation is found out by an interruption", async () => {
  const broken = "finished without looking at the generation";
  await crashEverywhere(scenario(broken));
  await assert.rejects(interruptEverywhere(interruption(broken)), /struck at boundary \d+ of \d+ \(/);
});

test("work that never ends is reported with what it failed of", async () => {
  const failing = {
    ...scenario(),
    run: () => ({ function: async () => Promise.reject(new Error("always out of order")) }),
  };
  await assert.rejects(crashEverywhere(failing), (error: Error) => {
    assert.match(error.message, /function projects\/.* is still planned/);
    return /out of order/.test(String(error.cause));
  });
});

test("a scenario that does nothing is not taken for one that survives", async () => {
  const idle = { ...scenario(), request: async () => {} };
  await assert.rejects(crashEverywhere(idle), /nothing to try/);
});

test("a dead process does not clean up: neither catch nor finally runs", async () => {
  const afterDeath: string[] = [];
  const careful: CrashScenario<SampleWorld> = {
    ...scenario(),
    run: (process) => ({
      function: async (key, signal) => {
        let finished = false;
        try {
          const outcome = await sampleReconciler(process)(key, signal);
          finished = true;
          return outcome;
        } catch (error) {
          afterDeath.push(String(error));
          throw error;
        } finally {
          if (!finished) afterDeath.push("finally");
        }
      },
    }),
  };
  await crashEverywhere(careful);
  assert.deepEqual(afterDeath, []);
});

test("nothing is left behind", () => {
  const left = readdirSync("/dev/shm").filter((name) => name.startsWith(`homerun-crash-${process.pid}-`));
  assert.deepEqual(left, []);
});
