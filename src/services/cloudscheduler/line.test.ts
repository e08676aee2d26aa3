import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, ended, type Execution, nextExecution, retryOf } from "./line.ts";
import { parseSchedule } from "./schedule/schedule.ts";

const HOURLY = parseSchedule("0 * * * *", "UTC");
const NO_RETRY = { retryCount: 0, maxRetryMs: 0, minMs: 5_000, maxMs: 3_600_000, maxDoublings: 5 };
const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const hour = (time: string, more: Partial<Execution> = {}): Execution => ({
  scheduledMs: at(time),
  dueMs: at(time),
  failures: 0,
  ...more,
});

test("executions follow the schedule, whatever became of the one before", () => {
  const first = nextExecution(HOURLY, at("09:59:59"))!;
  assert.deepEqual(first, hour("10:00:00"));
  const begins = begun(first, HOURLY, at("10:00:00"));
  assert.equal(begins.startMs, at("10:00:00"));
  for (const succeeded of [true, false])
    assert.deepEqual(ended(begins, succeeded, HOURLY, NO_RETRY, at("10:00:02")), hour("11:00:00"));
});

test("times that pass during an execution lead to one more as soon as it has ended", () => {
  const begins = begun(hour("10:00:00"), HOURLY, at("10:00:00"));
  const next = ended(begins, true, HOURLY, NO_RETRY, at("12:30:00"))!;
  assert.deepEqual(next, hour("11:00:00", { dueMs: at("12:30:00") }));
  const late = begun(next, HOURLY, at("12:30:00"));
  assert.deepEqual(ended(late, true, HOURLY, NO_RETRY, at("12:31:00")), hour("13:00:00"));
});

test("times that passed before an execution began are done with it", () => {
  const begins = begun(hour("03:00:00"), HOURLY, at("10:20:00"));
  assert.deepEqual(ended(begins, true, HOURLY, NO_RETRY, at("10:20:01")), hour("11:00:00"));
});

test("failures are retried so many times, and until the schedule's next time", () => {
  const rule = { ...NO_RETRY, retryCount: 2 };
  const begins = begun(hour("10:00:00"), HOURLY, at("10:00:00"));
  const once = ended(begins, false, HOURLY, rule, at("10:00:01"))!;
  assert.deepEqual(once, { ...begins, failures: 1, dueMs: at("10:00:06") });
  const twice = ended(begun(once, HOURLY, at("10:00:06")), false, HOURLY, rule, at("10:00:07"))!;
  assert.equal(twice.dueMs, at("10:00:17"));
  assert.deepEqual(ended(begun(twice, HOURLY, at("10:00:17")), false, HOURLY, rule, at("10:00:18")), hour("11:00:00"));
  const slow = { ...rule, minMs: 3_600_000, maxMs: 3_600_000 };
  assert.deepEqual(ended(begins, false, HOURLY, slow, at("10:00:01")), hour("11:00:00"));
});

test("with a time limit retries go on until both limits are reached", () => {
  const rule = { ...NO_RETRY, retryCount: 1, maxRetryMs: 60_000 };
  let execution: Execution | undefined = { ...hour("10:00:00"), startMs: at("10:00:00") };
  const dues: number[] = [];
  while ((execution = retryOf(execution, rule, execution.dueMs))) dues.push((execution.dueMs - at("10:00:00")) / 1000);
  assert.deepEqual(dues, [5, 15, 35, 75]);
});

test("a retry that comes only after the schedule's next time is that next execution", () => {
  const waiting = hour("10:00:00", { startMs: at("10:00:00"), failures: 1, dueMs: at("10:00:06") });
  assert.deepEqual(begun(waiting, HOURLY, at("11:30:00")), {
    scheduledMs: at("11:00:00"),
    dueMs: at("11:30:00"),
    startMs: at("11:30:00"),
    failures: 0,
  });
});

test("an interval counts from the end of the execution before", () => {
  const schedule = parseSchedule("every 10 minutes", "UTC");
  const first = nextExecution(schedule, at("10:00:00"))!;
  assert.equal(first.dueMs, at("10:10:00"));
  const begins = begun(first, schedule, at("10:10:00"));
  assert.equal(ended(begins, true, schedule, NO_RETRY, at("10:13:00"))?.dueMs, at("10:23:00"));
});
