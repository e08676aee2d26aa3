import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdjustableClock } from "./adjustable-clock.ts";
import { systemClock } from "./clock.ts";
import { createManualClock } from "./manual-clock.ts";

function start(aheadMs = 0) {
  const base = createManualClock(1_000);
  const clock = createAdjustableClock(base, aheadMs);
  const events: string[] = [];
  const note = (event: string) => () => void events.push(`${event}@${clock.nowMs()}`);
  return { base, clock, events, note };
}

test("it runs on with the clock below, from where it was left", () => {
  const { base, clock, events, note } = start(500);
  clock.after(30, note("late"));
  clock.after(10, note("early"));
  clock.after(20, note("disposed"))[Symbol.dispose]();
  using _ticks = clock.every(15, note("tick"));
  assert.deepEqual([clock.nowMs(), clock.nextTimerMs()], [1_500, 1_510]);
  base.advance(31);
  assert.deepEqual(events, ["early@1510", "tick@1515", "late@1530", "tick@1530"]);
  assert.equal(clock.nextTimerMs(), undefined);
});

test("a move calls what is due in order of time, and what comes often once", () => {
  const { base, clock, events, note } = start();
  clock.after(20, note("second"));
  clock.after(10, () => {
    note("first")();
    clock.after(0, note("from the first"));
  });
  using _ticks = clock.every(1, note("tick"));
  clock.moveTo(1_050);
  assert.deepEqual(events, ["tick@1050", "first@1050", "second@1050"]);
  assert.equal(clock.aheadMs(), 50);
  clock.moveTo(1_010);
  assert.deepEqual([clock.nowMs(), events.at(-1)], [1_050, "from the first@1050"]);
  base.advance(1);
  assert.equal(events.at(-1), "tick@1051");
});

test("a sleep ends at its time, or with its signal", async () => {
  const { clock } = start();
  const slept = clock.sleep(60_000);
  clock.moveTo(61_000);
  await slept;
  await assert.rejects(clock.sleep(5, AbortSignal.abort(new Error("enough"))), /enough/);
});

test("thousands of timers set and disposed leave the others in order", () => {
  const { clock, events, note } = start();
  const kept = [7, 3, 9, 1, 5];
  for (let round = 0; round < 2_000; round++) clock.after(round % 50, note("disposed"))[Symbol.dispose]();
  for (const ms of kept) clock.after(ms, () => void events.push(String(ms)));
  for (let round = 0; round < 2_000; round++) clock.after(round % 50, note("disposed"))[Symbol.dispose]();
  clock.moveTo(2_000);
  assert.deepEqual(events, ["1", "3", "5", "7", "9"]);
});

test("over the system's clock, timers fire by themselves and far ones do not fire early", async () => {
  const clock = createAdjustableClock(systemClock);
  const { promise, resolve } = Promise.withResolvers<string>();
  using _far = clock.after(2 ** 32, () => resolve("far"));
  const fromSystem = clock.after(5, () => resolve("near"));
  await systemClock.sleep(20);
  assert.equal(await promise, "near");
  fromSystem[Symbol.dispose]();
});
