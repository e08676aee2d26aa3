import assert from "node:assert/strict";
import { test } from "node:test";
import { planStems, type PlannedKind } from "./plan-stems.ts";

const MIB = 2 ** 20;

function kind(key: string, lastUsedMs: number, waiting: number, memoryBytes = 40 * MIB): PlannedKind {
  return { key, lastUsedMs, waiting, memoryBytes };
}

test("every kind gets one before any gets a second, the one used last first", () => {
  assert.equal(planStems([kind("old", 1, 0), kind("new", 2, 0)], 200 * MIB).start, "new");
  assert.equal(planStems([kind("old", 1, 0), kind("new", 2, 1)], 200 * MIB).start, "old");
  assert.equal(planStems([kind("old", 1, 1), kind("new", 2, 1)], 200 * MIB).start, "new");
});

test("no kind gets more than three, and all together no more than the budget", () => {
  assert.deepEqual(planStems([kind("only", 1, 3)], 1024 * MIB), { start: undefined, stop: [] });
  assert.deepEqual(planStems([kind("old", 1, 0), kind("new", 2, 1)], 60 * MIB), { start: undefined, stop: [] });
});

test("what is used again takes the place of what was not", () => {
  assert.deepEqual(planStems([kind("old", 1, 1), kind("new", 2, 0)], 60 * MIB), { start: "new", stop: ["old"] });
});

test("without memory all are stopped", () => {
  assert.deepEqual(planStems([kind("old", 1, 1), kind("new", 2, 2)], 0), {
    start: undefined,
    stop: ["new", "new", "old"],
  });
});
