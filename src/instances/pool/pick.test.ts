import assert from "node:assert/strict";
import { test } from "node:test";
import { pickInstance, pickRevision } from "./pick.ts";

const instance = (id: string, active: number, lastUsedMs = 0, state = "ready") => ({ id, active, lastUsedMs, state });

test("picks the instance with the fewest requests, among equals the one used last", () => {
  assert.equal(pickInstance([instance("a", 2), instance("b", 1), instance("c", 1, 5)], 80)?.id, "c");
});

test("picks the preferred instance while it has room", () => {
  const instances = [instance("a", 0), instance("b", 1), instance("c", 2)];
  assert.equal(pickInstance(instances, 2, "b")?.id, "b");
  assert.equal(pickInstance(instances, 2, "c")?.id, "a");
  assert.equal(pickInstance(instances, 2, "gone")?.id, "a");
});

test("picks none that is full or not ready", () => {
  assert.equal(
    pickInstance([instance("a", 1), instance("b", 0, 0, "starting"), instance("c", 0, 0, "stopping")], 1),
    undefined,
  );
});

test("picks revisions by their percentages", () => {
  const traffic = [
    { revision: "a", percent: 10 },
    { revision: "none", percent: 0 },
    { revision: "b", percent: 90 },
  ];
  assert.deepEqual(
    [0, 0.0999, 0.1, 0.999].map((chance) => pickRevision(traffic, chance)),
    ["a", "a", "b", "b"],
  );
  assert.equal(pickRevision([], 0.5), undefined);
});
