import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "./manual-clock.ts";

test("timers run in order of time while the clock is moved over them", () => {
  const clock = createManualClock(1_000);
  const events: string[] = [];
  const note = (event: string) => () => void events.push(`${event}@${clock.nowMs()}`);
  clock.after(30, note("late"));
  clock.after(10, note("early"));
  clock.after(20, note("disposed"))[Symbol.dispose]();
  using _ticks = clock.every(15, note("tick"));
  clock.advance(31);
  assert.deepEqual(events, ["early@1010", "tick@1015", "late@1030", "tick@1030"]);
  assert.equal(clock.nowMs(), 1_031);
});

test("a sleep ends at its time, or with its signal", async () => {
  const clock = createManualClock();
  const slept = clock.sleep(5);
  assert.equal(clock.advanceToNextTimer(), true);
  await slept;
  const abort = new AbortController();
  const aborted = clock.sleep(5, abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
  await assert.rejects(clock.sleep(5, abort.signal), /enough/);
  assert.equal(clock.advanceToNextTimer(), false);
});
