import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../platform/manual-clock.ts";
import { createTimeouts } from "./timeouts.ts";

function underTest() {
  const clock = createManualClock();
  const timers = { count: 0 };
  const after = (ms: number, callback: () => void) => {
    timers.count++;
    return clock.after(ms, callback);
  };
  const over: string[] = [];
  const timeouts = createTimeouts({ after, nowMs: () => clock.nowMs() });
  return { clock, timers, over, timeouts, waiting: (name: string) => () => void over.push(name) };
}

test("each is told at its own time, and those that are removed never", () => {
  const { clock, over, timeouts, waiting } = underTest();
  const [first, second, third, other] = ["first", "second", "third", "other"].map(waiting);
  timeouts.add(first!, 1_000);
  clock.advance(400);
  timeouts.add(second!, 1_000);
  timeouts.add(third!, 1_000);
  timeouts.add(other!, 100);
  timeouts.remove(second!, 1_000);
  clock.advance(100);
  assert.deepEqual(over, ["other"]);
  clock.advance(500);
  assert.deepEqual(over, ["other", "first"]);
  clock.advance(399);
  assert.deepEqual(over, ["other", "first"]);
  clock.advance(1);
  assert.deepEqual(over, ["other", "first", "third"]);
});

test("many that end in time share one timer", () => {
  const { clock, timers, over, timeouts, waiting } = underTest();
  for (let n = 0; n < 100; n++) {
    const each = waiting(String(n));
    timeouts.add(each, 1_000);
    clock.advance(1);
    timeouts.remove(each, 1_000);
  }
  clock.advance(10_000);
  assert.deepEqual([timers.count, over], [1, []]);
  timeouts.add(waiting("last"), 1_000);
  clock.advance(1_000);
  assert.deepEqual(over, ["last"]);
});

test("what is told may begin another one", () => {
  const { clock, over, timeouts, waiting } = underTest();
  const again = () => {
    over.push("again");
    if (over.length < 3) timeouts.add(again, 1_000);
  };
  timeouts.add(again, 1_000);
  timeouts.add(waiting("other"), 1_000);
  clock.advance(1_000);
  assert.deepEqual(over, ["again", "other"]);
  clock.advance(1_000);
  assert.deepEqual(over, ["again", "other", "again"]);
});
