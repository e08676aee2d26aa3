import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdjustableClock } from "./adjustable-clock.ts";
import { systemClock } from "./clock.ts";
import { randomIds } from "./ids.ts";
import { silentLog } from "./log.ts";
import { sqlitePlace } from "./store/sqlite-place.ts";
import type { Store } from "./store/store.ts";
import { createTestClock } from "./test-clock.ts";
import { createWakeups } from "./wakeups/create-wakeups.ts";
import type { Reconcile } from "./wakeups/wakeups.ts";

const DAY_MS = 24 * 3_600_000;

async function boot(store: Store, reconcile: Reconcile) {
  const clock = createAdjustableClock(systemClock);
  const wakeups = await createWakeups(store, { clock, ids: randomIds, log: silentLog });
  wakeups.start({ thing: reconcile }, []);
  const saved: number[] = [];
  const save = async (aheadMs: number) => void saved.push(aheadMs);
  const testClock = createTestClock({ clock, realClock: systemClock, driven: () => [wakeups], save });
  return { clock, wakeups, testClock, saved };
}

async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
  await using place = await sqlitePlace();
  await using store = await place.open();
  await body(store);
}

test("an advance does what falls due on the way, each at its time, and what follows from it", () =>
  withStore(async (store) => {
    const seen: string[] = [];
    let startMs = 0;
    const { clock, wakeups, testClock, saved } = await boot(store, async (key) => {
      seen.push(`${key} after ${Math.round((clock.nowMs() - startMs) / 60_000)} min`);
      await systemClock.sleep(2);
      if (key === "cron" && seen.length < 5) return { settled: false, retryInMs: 3_600_000 };
      if (key === "retry" && !seen.includes("done")) seen.push("done");
      return { settled: true };
    });
    await using _ = wakeups;
    startMs = clock.nowMs();
    await store.transact(async (transaction) => {
      await wakeups.wake(transaction, "thing", "cron", startMs + 3_600_000);
      await wakeups.wake(transaction, "thing", "retry", startMs + 5_400_000);
      await wakeups.wake(transaction, "thing", "later", startMs + 31 * DAY_MS);
    });
    await testClock.advance(DAY_MS);
    const expected = ["cron after 60 min", "retry after 90 min", "done", "cron after 120 min", "cron after 180 min"];
    assert.deepEqual(seen, expected);
    assert.deepEqual(saved, [DAY_MS]);
    assert.ok(clock.nowMs() >= startMs + DAY_MS);
    await testClock.advance(30 * DAY_MS);
    assert.equal(seen.at(-1), `later after ${31 * 24 * 60} min`);
  }));

test("what was under way before an advance does not hold it up, and a caller that leaves ends it", () =>
  withStore(async (store) => {
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const { clock, wakeups, testClock } = await boot(store, async (key) => {
      if (key !== "build") return { settled: false, retryInMs: 1_000 };
      started.resolve();
      await gate.promise;
      return { settled: true };
    });
    await using _ = wakeups;
    const startMs = clock.nowMs();
    await wakeups.wakeNow("thing", "build");
    await started.promise;
    const sinceMs = systemClock.nowMs();
    await testClock.advance(60_000);
    assert.ok(systemClock.nowMs() - sinceMs < 10_000);
    assert.ok(clock.nowMs() >= startMs + 60_000);
    await wakeups.wakeNow("thing", "poll");
    const leaving = new AbortController();
    const advanced = testClock.advance(365 * DAY_MS, leaving.signal);
    leaving.abort(new Error("gone"));
    await assert.rejects(advanced, /gone/);
    assert.ok(clock.nowMs() < startMs + 365 * DAY_MS);
    gate.resolve();
  }));
