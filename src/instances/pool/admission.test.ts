import assert from "node:assert/strict";
import { test } from "node:test";
import { mayQueue, type QueueStats, refusalOf, waitLimitMs } from "./admission.ts";

const stats = (fields: Partial<QueueStats>): QueueStats => ({
  queued: 0,
  starting: 0,
  alive: 1,
  maxInstances: 10,
  averageStartMs: 200,
  pendingMs: 10_000,
  ...fields,
});

test("requests wait 3.5 times the average start, at least 10 s", () => {
  assert.equal(waitLimitMs(stats({})), 10_000);
  assert.equal(waitLimitMs(stats({ averageStartMs: 4_000 })), 14_000);
});

test("requests wait for the first start ever as long as it takes", () => {
  assert.equal(waitLimitMs(stats({ averageStartMs: undefined, starting: 1 })), Infinity);
  assert.equal(waitLimitMs(stats({ averageStartMs: undefined, starting: 0 })), 10_000);
});

test("the queue has an end, and none is let in when no instance may run", () => {
  assert.equal(mayQueue(stats({ queued: 9_999 })), true);
  assert.equal(mayQueue(stats({ queued: 10_000 })), false);
  assert.equal(mayQueue(stats({ maxInstances: 0 })), false);
});

test("the refusal tells the instance limit from slow starts", () => {
  assert.equal(refusalOf(stats({ alive: 10 })), "AT_MAX_INSTANCES");
  assert.equal(refusalOf(stats({ alive: 9 })), "NO_INSTANCE");
  assert.equal(refusalOf(stats({ alive: 0, maxInstances: 0 })), "DISABLED");
});
