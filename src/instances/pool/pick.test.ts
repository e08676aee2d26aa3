import assert from "node:assert/strict";
import { test } from "node:test";
import { pickInstance, pickRevision } from "./pick.ts";

const instance = (id: string, active: number, lastUsedMs = 0, state = "ready") => ({
  id,
  active,
  lastUsedMs,
  state,
  accepting: true,
});

test("picks the instance with the fewest requests, among equals the one used last", () => {
  assert.equal(pickInstance([instance("a", 2), instance("b", 1), instance("c", 1, 5)], { concurrency: 80 })?.id, "c");
});

test("picks the preferred instance while it has room", () => {
  const instances = [instance("a", 0), instance("b", 1), instance("c", 2)];
  assert.equal(pickInstance(instances, { concurrency: 2, preferred: "b" })?.id, "b");
  assert.equal(pickInstance(instances, { concurrency: 2, preferred: "c" })?.id, "a");
  assert.equal(pickInstance(instances, { concurrency: 2, preferred: "gone" })?.id, "a");
});

test("picks none that accepts no requests, not even the preferred one", () => {
  const instances = [{ ...instance("a", 0), accepting: false }, instance("b", 5)];
  assert.equal(pickInstance(instances, { concurrency: 10, preferred: "a" })?.id, "b");
});

test("picks none that is full or not ready", () => {
  assert.equal(
    pickInstance([instance("a", 1), instance("b", 0, 0, "starting"), instance("c", 0, 0, "stopping")], {
      concurrency: 1,
    }),
    undefined,
  );
});

test("keeps to the first instances until they reach their target, then to whoever has least", () => {
  const pick = (...active: number[]) =>
    pickInstance(
      active.map((count, n) => instance(String(n), count)),
      { concurrency: 10, spread: 2 },
    )?.id;
  assert.equal(pick(5, 4, 0), "1");
  assert.equal(pick(6, 5, 0), "1");
  assert.equal(pick(6, 6, 0), "2");
  assert.equal(pick(10, 6, 7), "1");
  assert.equal(pick(10, 10, 9), "2");
  assert.equal(pick(10, 10, 10), undefined);
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
