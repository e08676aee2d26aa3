import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../platform/log.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import { createNamespacePool } from "./namespace-pool.ts";

test("a namespace that was taken is replaced a moment later; with none left, one is made at once", async () => {
  const clock = createManualClock();
  const made: number[] = [];
  const create = (index: number) => {
    made.push(index);
    return Promise.resolve({ index, path: `/run/netns/${index}`, address: `10.0.0.${index}` });
  };
  const removed: number[] = [];
  const remove = (index: number) => Promise.resolve(void removed.push(index));
  const pool = createNamespacePool({ create, remove, capacity: 10, warm: 2, clock, log: silentLog });
  pool.fill();
  await settled();
  assert.deepEqual(made, [0, 1]);

  const taken = await Promise.all([pool.take(), pool.take()]);
  assert.deepEqual(made, [0, 1], "nothing is made while what took them starts");
  assert.equal((await pool.take()).index, 2);
  clock.advance(500);
  await settled();
  assert.deepEqual(made, [0, 1, 2, 3, 4]);

  await pool.giveBack(taken[0]);
  await pool.take();
  await pool[Symbol.asyncDispose]();
  clock.advance(500);
  await settled();
  assert.deepEqual(made, [0, 1, 2, 3, 4], "a closed pool makes no more");
  assert.deepEqual(removed, [0, 4]);
});

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
