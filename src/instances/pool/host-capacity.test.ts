import assert from "node:assert/strict";
import { test } from "node:test";
import { hostCapacity } from "./host-capacity.ts";

test("no more than parallelStarts slots are out at once; they go out in order", async () => {
  const host = hostCapacity({ parallelStarts: 2, reserveBytes: 0, availableMemoryBytes: () => 1, evictable: () => [] });
  const first = await host.startSlot();
  await host.startSlot();
  const order: string[] = [];
  const third = host.startSlot().then((slot) => (order.push("third"), slot));
  const fourth = host.startSlot().then((slot) => (order.push("fourth"), slot));
  assert.deepEqual(order, []);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const slot = await third;
  assert.deepEqual(order, ["third"]);
  slot[Symbol.dispose]();
  await fourth;
});

test("idle instances are stopped, the longest idle first, until there is room", async () => {
  let available = 0;
  const evicted: number[] = [];
  const idle = new Map(
    [30, 10, 20].map((idleSinceMs) => [idleSinceMs, { idleSinceMs, evict: async () => evict(idleSinceMs) }]),
  );
  const evict = (idleSinceMs: number) => {
    idle.delete(idleSinceMs);
    evicted.push(idleSinceMs);
    available += 50;
  };
  const host = hostCapacity({
    parallelStarts: 1,
    reserveBytes: 100,
    availableMemoryBytes: () => available,
    evictable: () => [...idle.values()],
  });
  assert.equal(await host.makeRoom(), true);
  assert.deepEqual(evicted, [10, 20]);
  available = -100;
  assert.equal(await host.makeRoom(), false);
  assert.deepEqual(evicted, [10, 20, 30]);
});
