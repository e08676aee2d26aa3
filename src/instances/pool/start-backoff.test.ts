import assert from "node:assert/strict";
import { test } from "node:test";
import { startBackoff, startBackoffMs, trafficBackoffMs } from "./start-backoff.ts";

const NOW = 1_000_000;

test("backs off from one second to one minute, and for requests to five seconds", () => {
  assert.deepEqual([0, 1, 2, 3, 7, 100].map(startBackoffMs), [0, 1000, 2000, 4000, 60_000, 60_000]);
  assert.deepEqual([0, 1, 2, 3, 4, 100].map(trafficBackoffMs), [0, 0, 0, 250, 500, 5000]);
});

test("starts that fail together count once, a success ends the series", () => {
  const backoff = startBackoff();
  for (let n = 0; n < 5; n++) backoff.failed(NOW + n, NOW - 100);
  assert.deepEqual([backoff.isFailing, backoff.retryMs, backoff.trafficRetryMs], [true, NOW + 1000, NOW]);
  backoff.failed(NOW + 1100, NOW + 1000);
  assert.equal(backoff.retryMs, NOW + 1100 + 2000);
  backoff.succeeded();
  assert.deepEqual([backoff.isFailing, backoff.retryMs, backoff.trafficRetryMs], [false, 0, 0]);
});

test("an instance that ends is replaced at once, one that ends soon again later and later", () => {
  const backoff = startBackoff();
  backoff.ended(NOW, NOW - 100);
  assert.equal(backoff.retryMs, NOW);
  backoff.ended(NOW + 200, NOW + 100);
  assert.equal(backoff.retryMs, NOW + 1200);
  backoff.succeeded();
  backoff.ended(NOW + 1500, NOW + 1300);
  assert.equal(backoff.retryMs, NOW + 1500 + 2000);
  backoff.ended(NOW + 20_000, NOW + 5000);
  assert.equal(backoff.retryMs, 0);
  assert.equal(backoff.isFailing, false);
});
