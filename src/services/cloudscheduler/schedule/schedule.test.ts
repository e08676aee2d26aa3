import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidScheduleError, parseSchedule } from "./schedule.ts";

/** The next `count` times after `from`, as UTC. */
function times(text: string, from: string, { zone = "UTC", count = 4 } = {}): string[] {
  const schedule = parseSchedule(text, zone);
  const found: string[] = [];
  let atMs = Date.parse(from);
  while (found.length < count) {
    atMs = schedule.next(atMs, atMs)!;
    found.push(new Date(atMs).toISOString().slice(0, 16));
  }
  return found;
}

test("unix-cron", () => {
  assert.deepEqual(times("*/15 9-10 * * *", "2026-01-01T09:40:00Z", { count: 3 }), [
    "2026-01-01T09:45",
    "2026-01-01T10:00",
    "2026-01-01T10:15",
  ]);
  assert.deepEqual(times("0 9 * * 7", "2026-01-01T00:00:00Z", { count: 2 }), ["2026-01-04T09:00", "2026-01-11T09:00"]);
  assert.deepEqual(times("0 0 29 feb *", "2026-01-01T00:00:00Z", { count: 2 }), [
    "2028-02-29T00:00",
    "2032-02-29T00:00",
  ]);
  // A day of the month and a day of the week: either of them.
  assert.deepEqual(times("0 0 13 * FRI", "2026-02-01T00:00:00Z"), [
    "2026-02-06T00:00",
    "2026-02-13T00:00",
    "2026-02-20T00:00",
    "2026-02-27T00:00",
  ]);
  assert.deepEqual(times("30 8 * * MON-FRI", "2026-01-02T09:00:00Z", { zone: "Asia/Tokyo", count: 1 }), [
    "2026-01-04T23:30",
  ]);
});

test("where clocks go forward a time that is skipped is made up for, and where they go back it comes once", () => {
  const zone = "America/New_York";
  assert.deepEqual(times("30 2 * * *", "2026-03-07T00:00:00Z", { zone, count: 3 }), [
    "2026-03-07T07:30",
    "2026-03-08T07:00",
    "2026-03-09T06:30",
  ]);
  assert.deepEqual(times("30 1 * * *", "2026-10-31T12:00:00Z", { zone, count: 2 }), [
    "2026-11-01T05:30",
    "2026-11-02T06:30",
  ]);
  const hourly = times("30 * * * *", "2026-11-01T04:00:00Z", { zone });
  assert.deepEqual(hourly, ["2026-11-01T04:30", "2026-11-01T05:30", "2026-11-01T06:30", "2026-11-01T07:30"]);
});

test("App Engine's syntax", () => {
  const from = "2026-01-01T10:07:30Z";
  assert.deepEqual(times("every 5 minutes", from, { count: 2 }), ["2026-01-01T10:12", "2026-01-01T10:17"]);
  assert.deepEqual(times("every 12 hours", from, { count: 1 }), ["2026-01-01T22:07"]);
  assert.deepEqual(times("every 8 hours synchronized", from, { count: 3 }), [
    "2026-01-01T16:00",
    "2026-01-02T00:00",
    "2026-01-02T08:00",
  ]);
  assert.deepEqual(times("every 45 mins from 22:00 to 00:30", from, { count: 5 }), [
    "2026-01-01T22:00",
    "2026-01-01T22:45",
    "2026-01-01T23:30",
    "2026-01-02T00:15",
    "2026-01-02T22:00",
  ]);
  assert.deepEqual(times("Every Day 09:00", from, { count: 2 }), ["2026-01-02T09:00", "2026-01-03T09:00"]);
  assert.deepEqual(times("every monday,fri 9:30", from, { count: 2 }), ["2026-01-02T09:30", "2026-01-05T09:30"]);
  assert.deepEqual(times("2nd,third mon,wed of march 17:00", from), [
    "2026-03-09T17:00",
    "2026-03-11T17:00",
    "2026-03-16T17:00",
    "2026-03-18T17:00",
  ]);
  assert.deepEqual(times("first monday of month 09:00", from, { count: 2 }), ["2026-01-05T09:00", "2026-02-02T09:00"]);
  assert.deepEqual(times("1,15 of jan,july 00:00", from, { count: 3 }), [
    "2026-01-15T00:00",
    "2026-07-01T00:00",
    "2026-07-15T00:00",
  ]);
  assert.equal(parseSchedule("every 5 minutes", "UTC").isCron, false);
});

test("what is no schedule or time zone is refused", () => {
  for (const text of [
    "",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "5-1 * * * *",
    "*/0 * * * *",
    "1/2 * * * *",
    "* * L * *",
    "* * * * MON#1",
    "* * ? * *",
    "@daily",
    "every 0 minutes",
    "every 7 hours synchronized",
    "every day",
    "every day 25:00",
    "every someday 09:00",
    "sixth monday 09:00",
    "32 of month 09:00",
    "5 09:00",
    "MON * * * *",
  ])
    assert.throws(() => parseSchedule(text, "UTC"), InvalidScheduleError, text);
  for (const zone of ["", "Mars/Base", "+01:00", "UTC\n"])
    assert.throws(() => parseSchedule("* * * * *", zone), InvalidScheduleError, zone);
  assert.equal(parseSchedule("0 0 30 2 *", "utc").next(0, 0), undefined);
});
