import assert from "node:assert/strict";
import { test } from "node:test";
import { type Host, type HostCapacity, hostCapacity } from "./host-capacity.ts";

const hostOf = (parallelStarts: number): Host =>
  hostCapacity({ parallelStarts, reserveBytes: 0, availableMemoryBytes: () => 1, evictable: () => [] });

/** Asks for slots, and notes by name who got one; `release` gives back the oldest of a name. */
function bidders() {
  const got: string[] = [];
  const slots = new Map<string, Disposable[]>();
  return {
    got,
    ask(name: string, share: HostCapacity, times = 1) {
      for (let n = 0; n < times; n++) {
        void share.startSlot().then((slot) => {
          got.push(name);
          slots.set(name, [...(slots.get(name) ?? []), slot]);
        });
      }
    },
    async release(name: string) {
      slots.get(name)?.shift()?.[Symbol.dispose]();
      await settled();
    },
  };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("no more than parallelStarts slots are out at once; they go out in order", async () => {
  const share = hostOf(2).shareOf(() => false);
  const first = await share.startSlot();
  await share.startSlot();
  const { got, ask, release } = bidders();
  ask("third", share);
  ask("fourth", share);
  await settled();
  assert.deepEqual(got, []);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await settled();
  assert.deepEqual(got, ["third"]);
  await release("third");
  assert.deepEqual(got, ["third", "fourth"]);
});

test("a revision that wants many starts lets the others have theirs in between", async () => {
  const host = hostOf(2);
  const { got, ask, release } = bidders();
  ask(
    "many",
    host.shareOf(() => false),
    5,
  );
  ask(
    "one",
    host.shareOf(() => false),
  );
  ask(
    "two",
    host.shareOf(() => false),
  );
  await settled();
  assert.deepEqual(got, ["many", "many"]);
  await release("many");
  await release("many");
  assert.deepEqual(got.slice(2), ["one", "many"]);
  await release("one");
  assert.deepEqual(got.slice(4), ["two"]);
});

test("a revision whose starts fail has half of the slots at most", async () => {
  const host = hostOf(4);
  const { got, ask, release } = bidders();
  ask(
    "failing",
    host.shareOf(() => true),
    9,
  );
  await settled();
  assert.deepEqual(got, ["failing", "failing"]);
  ask(
    "good",
    host.shareOf(() => false),
    3,
  );
  await settled();
  assert.deepEqual(got.slice(2), ["good", "good"]);
  await release("failing");
  assert.deepEqual(got.slice(4), ["failing"]);
  await release("failing");
  assert.deepEqual(got.slice(5), ["failing"]);
  await release("good");
  assert.deepEqual(got.slice(6), ["good"]);
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
