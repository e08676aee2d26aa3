import assert from "node:assert/strict";
import { test } from "node:test";
import { nextAverageMs, timings } from "./timings.ts";

test("the average follows recent times", () => {
  assert.equal(nextAverageMs(undefined, 300), 300);
  assert.equal(nextAverageMs(300, 400), 310);
});

test("requests that are taken on in less time than a start are waited for, as long as one takes", () => {
  const times = timings();
  times.started(1_000, 250);
  assert.equal(times.settleMs(160, 80), 0);
  times.served(100);
  assert.equal(times.settleMs(160, 80), 1_250);
  assert.equal(times.settleMs(161, 80), 0);
  assert.equal(times.settleMs(1, 0), 0);
  assert.equal(times.averageStartMs, 250);
});
