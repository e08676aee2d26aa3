import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { randomIds } from "../ids.ts";
import { silentLog } from "../log.ts";
import { createManualClock } from "../manual-clock.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { createWakeups, type WakeupDeps } from "./create-wakeups.ts";
import type { Outcome, WakeupDriver } from "./wakeups.ts";

const settled: Outcome = { settled: true };

interface House {
  readonly store: Store;
  readonly wakeups: WakeupDriver;
  /** Ends the driver and makes a new one on the same store. */
  restart(): Promise<WakeupDriver>;
}

async function withWakeups(deps: Partial<WakeupDeps>, body: (house: House) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "homerun-wakeups-"));
  const all = { clock: systemClock, ids: { ...randomIds, fraction: () => 0 }, log: silentLog, ...deps };
  const store = await openStore(join(folder, "db"), { ...all, clock: systemClock });
  let wakeups = await createWakeups(store, all);
  const restart = async () => {
    await wakeups[Symbol.asyncDispose]();
    return (wakeups = await createWakeups(store, all));
  };
  try {
    await body({ store, wakeups, restart });
  } finally {
    await wakeups[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}

/** A promise settled from outside. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function count(store: Store): Promise<number> {
  const rows = await store.read<{ wakeups: { key: string } }>().selectFrom("wakeups").select("key").execute();
  return rows.length;
}

test("a committed wake-up runs at once and is gone when it is settled", () =>
  withWakeups({}, async ({ store, wakeups }) => {
    const seen: string[] = [];
    wakeups.start({ thing: async (key) => (seen.push(key), settled) }, []);
    await store.transact((transaction) => wakeups.wake(transaction, "thing", "a"));
    await wakeups.idle();
    assert.deepEqual(seen, ["a"]);
    assert.equal(await count(store), 0);
  }));

test("from the commit to the start of the run it takes less than 2 ms", () =>
  withWakeups({}, async ({ store, wakeups }) => {
    const delays: number[] = [];
    let committedMs = 0;
    wakeups.start({ thing: async () => (delays.push(performance.now() - committedMs), settled) }, []);
    for (let run = 0; run < 25; run++) {
      await store.transact(async (transaction) => {
        transaction.afterCommit(() => (committedMs = performance.now()));
        await wakeups.wake(transaction, "thing", `key-${run}`);
      });
      await wakeups.idle();
    }
    const median = delays.toSorted((one, other) => one - other)[12];
    assert.ok(median !== undefined && median < 2, `median ${median} ms`);
  }));

test("a wake-up of a transaction that was rolled back never runs", () =>
  withWakeups({}, async ({ store, wakeups }) => {
    const seen: string[] = [];
    wakeups.start({ thing: async (key) => (seen.push(key), settled) }, []);
    const failing = store.transact(async (transaction) => {
      await wakeups.wake(transaction, "thing", "a");
      throw new Error("no");
    });
    await assert.rejects(failing);
    await wakeups.idle();
    assert.deepEqual(seen, []);
  }));

test("wake-ups of an earlier process run when the next one starts", () =>
  withWakeups({}, async ({ wakeups, restart }) => {
    await wakeups.wakeNow("thing", "a");
    await wakeups.wakeNow("thing", "b");
    const next = await restart();
    const seen: string[] = [];
    next.start({ thing: async (key) => (seen.push(key), settled) }, []);
    await next.idle();
    assert.deepEqual(seen.toSorted(), ["a", "b"]);
  }));

test("one key never runs twice at the same time, and a wake during a run leads to one more", () =>
  withWakeups({}, async ({ store, wakeups }) => {
    const first = gate();
    let runs = 0;
    let atOnce = 0;
    let mostAtOnce = 0;
    const reconcile = async () => {
      runs++;
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      if (runs === 1) await first.opened;
      atOnce--;
      return settled;
    };
    wakeups.start({ thing: reconcile }, []);
    await wakeups.wakeNow("thing", "a");
    await until(() => runs === 1);
    for (let again = 0; again < 5; again++) await wakeups.wakeNow("thing", "a");
    first.open();
    await wakeups.idle();
    assert.equal(runs, 2);
    assert.equal(mostAtOnce, 1);
    assert.equal(await count(store), 0);
  }));

test("different keys run in parallel up to the limit of their kind", () =>
  withWakeups({}, async ({ wakeups }) => {
    const hold = gate();
    const running = { narrow: 0, wide: 0 };
    const reconcile = (kind: "narrow" | "wide") => async () => {
      running[kind]++;
      await hold.opened;
      return settled;
    };
    wakeups.start({ narrow: reconcile("narrow"), wide: reconcile("wide") }, [], { narrow: 3 });
    for (let key = 0; key < 20; key++) {
      await wakeups.wakeNow("narrow", `${key}`);
      await wakeups.wakeNow("wide", `${key}`);
    }
    await until(() => running.wide === 16);
    assert.deepEqual(running, { narrow: 3, wide: 16 });
    hold.open();
    await wakeups.idle();
    assert.deepEqual(running, { narrow: 20, wide: 20 });
  }));

test("what is not settled is looked at again when it asked for", async () => {
  const clock = createManualClock();
  await withWakeups({ clock }, async ({ store, wakeups }) => {
    const startMs = clock.nowMs();
    const timesMs: number[] = [];
    const reconcile = async (): Promise<Outcome> =>
      timesMs.push(clock.nowMs() - startMs) < 3 ? { settled: false, retryInMs: 5_000 } : settled;
    wakeups.start({ thing: reconcile }, []);
    await wakeups.wakeNow("thing", "a");
    await wakeups.idle();
    clock.advance(4_999);
    await wakeups.idle();
    assert.deepEqual(timesMs, [0]);
    clock.advance(1);
    await wakeups.idle();
    clock.advance(5_000);
    await wakeups.idle();
    assert.deepEqual(timesMs, [0, 5_000, 10_000]);
    assert.equal(await count(store), 0);
  });
});

test("a wake-up for later waits, and an earlier wake brings it forward", async () => {
  const clock = createManualClock();
  await withWakeups({ clock }, async ({ store, wakeups }) => {
    const startMs = clock.nowMs();
    const seen: [string, number][] = [];
    const dayMs = 24 * 60 * 60_000;
    wakeups.start({ thing: async (key) => (seen.push([key, clock.nowMs() - startMs]), settled) }, []);
    await store.transact(async (transaction) => {
      await wakeups.wake(transaction, "thing", "soon", startMs + 1_000);
      await wakeups.wake(transaction, "thing", "brought forward", startMs + 50_000);
      await wakeups.wake(transaction, "thing", "brought forward", startMs + 2_000);
      await wakeups.wake(transaction, "thing", "brought forward", startMs + 60_000);
      await wakeups.wake(transaction, "thing", "much later", startMs + dayMs);
    });
    clock.advance(2_500);
    await wakeups.idle();
    assert.deepEqual(seen, [
      ["soon", 2_500],
      ["brought forward", 2_500],
    ]);
    for (let minute = 0; minute < 24 * 60; minute++) {
      clock.advance(60_000);
      await wakeups.idle();
    }
    assert.deepEqual(
      seen.slice(2).map(([key]) => key),
      ["much later"],
    );
    assert.ok(seen[2]![1] - dayMs < 60_000);
  });
});

test("rejections are logged and retried ever later, up to a minute, and a new wake forgets them", async () => {
  const clock = createManualClock();
  const logged: unknown[] = [];
  const log = { ...silentLog, error: (message: string) => void logged.push(message), child: () => log };
  await withWakeups({ clock, log }, async ({ wakeups }) => {
    const timesMs: number[] = [];
    let broken = true;
    const reconcile = async () => {
      timesMs.push(clock.nowMs());
      if (broken) throw new Error("broken");
      return settled;
    };
    wakeups.start({ thing: reconcile }, []);
    await wakeups.wakeNow("thing", "a");
    await wakeups.idle();
    while (timesMs.length < 13) {
      clock.advance(100);
      await wakeups.idle();
    }
    const pauses = timesMs.slice(1).map((timeMs, index) => timeMs - timesMs[index]!);
    assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000]);
    assert.equal(logged.length, 13);
    await wakeups.wakeNow("thing", "a");
    await wakeups.idle();
    assert.equal(timesMs.length, 14);
    clock.advance(100);
    await wakeups.idle();
    assert.equal(timesMs.length, 15);
    broken = false;
    clock.advance(200);
    await wakeups.idle();
    assert.equal(timesMs.length, 16);
  });
});

test("the scan wakes unfinished keys that nobody woke, and leaves planned ones alone", async () => {
  const clock = createManualClock();
  await withWakeups({ clock }, async ({ wakeups }) => {
    const unfinished = new Set(["planned"]);
    const seen: string[] = [];
    const reconcile = async (key: string): Promise<Outcome> => {
      seen.push(key);
      return key === "planned" ? { settled: false, retryInMs: 10 * 60_000 } : (unfinished.delete(key), settled);
    };
    const failing = { kind: "thing", keys: async () => Promise.reject(new Error("no such table")) };
    wakeups.start({ thing: reconcile }, [failing, { kind: "thing", keys: async () => [...unfinished] }]);
    await wakeups.idle();
    assert.deepEqual(seen, ["planned"]);
    for (let key = 0; key < 1_200; key++) unfinished.add(`missed-${key}`);
    clock.advance(60_000);
    await wakeups.idle();
    assert.equal(seen.length, 1_201);
    assert.deepEqual([...unfinished], ["planned"]);
  });
});

test("stopping aborts runs, waits for them, and leaves the wake-up for the next process", () =>
  withWakeups({}, async ({ store, wakeups, restart }) => {
    let reason: unknown;
    let started = false;
    const reconcile = async (_key: string, signal: AbortSignal) => {
      started = true;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      reason = signal.reason;
      throw signal.reason;
    };
    wakeups.start({ thing: reconcile }, []);
    await wakeups.wakeNow("thing", "a");
    await until(() => started);
    const next = await restart();
    assert.match(String(reason), /the wake-ups stop/);
    assert.equal(await count(store), 1);
    const seen: string[] = [];
    next.start({ thing: async (key) => (seen.push(key), settled) }, []);
    await next.idle();
    assert.deepEqual(seen, ["a"]);
  }));

test("a run does not see the async context of whoever woke it", () =>
  withWakeups({}, async ({ wakeups }) => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    wakeups.start({ thing: async () => (seen.push(request.getStore()), settled) }, []);
    await request.run("somebody's request", () => wakeups.wakeNow("thing", "a"));
    await wakeups.idle();
    assert.deepEqual(seen, [undefined]);
  }));

test("a reconcile may write and wake in transactions of its own", () =>
  withWakeups({}, async ({ store, wakeups }) => {
    const seen: string[] = [];
    const parent = async (key: string) => {
      await store.transact((transaction) => wakeups.wake(transaction, "child", `${key}/child`));
      return settled;
    };
    wakeups.start({ parent, child: async (key) => (seen.push(key), settled) }, []);
    await wakeups.wakeNow("parent", "a");
    await wakeups.idle();
    assert.deepEqual(seen, ["a/child"]);
  }));

test("waking a kind that nothing reconciles is an error of the caller", () =>
  withWakeups({}, async ({ wakeups }) => {
    wakeups.start({}, []);
    await assert.rejects(wakeups.wakeNow("typo", "a"), /nothing reconciles typo/);
    assert.throws(() => wakeups.start({}, []), /run already/);
  }));
