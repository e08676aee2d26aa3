import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../store/store.ts";
import type { StorePlace } from "../store/store-suite.ts";
import { wakeupMigrations, type WakeupRow, type WakeupRows, wakeupRows } from "./wakeup-rows.ts";

interface House {
  readonly store: Store;
  readonly rows: WakeupRows;
  ask(key: string, dueMs: number): Promise<void>;
  get(key: string): Promise<WakeupRow>;
}

const promises: Readonly<Record<string, (house: House) => Promise<void>>> = {
  "asking again raises the version, keeps the earlier time and forgets rejections": async ({ rows, ask, get }) => {
    await ask("a", 100);
    await rows.putOff(await get("a"), 200, 3);
    assert.deepEqual(await get("a"), { kind: "thing", key: "a", version: 1, due_time_ms: 200, attempts: 3 });
    await ask("a", 300);
    assert.deepEqual(await get("a"), { kind: "thing", key: "a", version: 2, due_time_ms: 200, attempts: 0 });
    await ask("a", 50);
    assert.deepEqual(await get("a"), { kind: "thing", key: "a", version: 3, due_time_ms: 50, attempts: 0 });
  },

  "a version that was asked for again is neither deleted nor put off": async ({ rows, ask, get }) => {
    await ask("a", 100);
    const seen = await get("a");
    await ask("a", 100);
    assert.equal(await rows.finish(seen), false);
    assert.equal(await rows.putOff(seen, 900, 1), false);
    assert.deepEqual(await get("a"), { ...seen, version: 2 });
    assert.equal(await rows.finish(await get("a")), true);
    assert.equal(await rows.get("thing", "a"), undefined);
  },

  "what is due is found by kind, soonest first": async ({ store, rows, ask }) => {
    await ask("late", 300);
    await ask("soon", 100);
    await ask("next", 200);
    await store.transact((transaction) => rows.ask(transaction, "other", "x", 1));
    const keys = async (kinds: string[], untilMs: number) => (await rows.dueBy(kinds, untilMs)).map(({ key }) => key);
    assert.deepEqual(await keys(["thing"], 200), ["soon", "next"]);
    assert.deepEqual(await keys(["thing", "other"], 100), ["x", "soon"]);
    assert.deepEqual(await keys([], 1_000), []);
    assert.deepEqual([await rows.nextDueMs(["thing"], 100), await rows.nextDueMs(["thing"], 300)], [200, undefined]);
  },

  "only keys without a wake-up get one from a scan": async ({ rows, ask, get }) => {
    await ask("present", 900);
    const keys = ["present", ...Array.from({ length: 1_100 }, (_, index) => `missing-${index}`)];
    assert.deepEqual(await rows.askMissing("thing", keys, 5), keys.slice(1));
    assert.equal((await get("present")).due_time_ms, 900);
    assert.equal((await rows.dueBy(["thing"], 5)).length, 1_100);
    assert.deepEqual(await rows.askMissing("thing", keys, 5), []);
  },
};

/** Registers a test for each promise of the table of wake-ups, on stores of the given kind. */
export function wakeupRowsSuite(label: string, makePlace: () => Promise<StorePlace>): void {
  for (const [promise, check] of Object.entries(promises)) {
    void test(`wake-ups on ${label}: ${promise}`, async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await store.migrate("wakeups", wakeupMigrations);
      await check(makeHouse(store));
    });
  }
}

function makeHouse(store: Store): House {
  const rows = wakeupRows(store);
  return {
    store,
    rows,
    ask: (key, dueMs) => store.transact((transaction) => rows.ask(transaction, "thing", key, dueMs)),
    async get(key) {
      const row = await rows.get("thing", key);
      assert.ok(row);
      return row;
    },
  };
}
