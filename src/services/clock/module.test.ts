import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../tests/support/boot-api.ts";
import { createAdjustableClock } from "../../platform/adjustable-clock.ts";
import { systemClock } from "../../platform/clock.ts";
import { createTestClock } from "../../platform/test-clock.ts";
import { clockApi } from "./module.ts";

const ADVANCE = "/clock/v1/clock:advance";

function boot() {
  const clock = createAdjustableClock(systemClock);
  const testClock = createTestClock({ clock, realClock: systemClock, driven: () => [], save: async () => {} });
  return bootApi(() => [clockApi({ clock, testClock })], { clock });
}

test("time is shown and advanced, by a duration or to a time", async () => {
  await using api = await boot();
  const { body } = await api.json("GET", "/clock/v1/clock");
  assert.deepEqual([body["mode"], body["ahead"]], ["MANUAL", "0s"]);
  const later = await api.json("POST", ADVANCE, { duration: "600.5s" });
  assert.match(String(later.body["ahead"]), /^600\.\d+s$|^599\.\d+s$/);
  assert.ok(Date.parse(String(later.body["time"])) >= Date.parse(String(body["time"])) + 600_000);
  const year = await api.json("POST", ADVANCE, { time: "2100-01-01T00:00:00Z" });
  assert.match(String(year.body["time"]), /^2100-01-01T00:00:0/);
});

test("time that goes back, or is none, is refused", async () => {
  await using api = await boot();
  for (const body of [
    {},
    { duration: "600" },
    { duration: "-1s" },
    { duration: 600 },
    { duration: "999999999999s" },
    { time: "2020-01-01T00:00:00Z" },
    { time: "soon" },
    { duration: "1s", time: "2100-01-01T00:00:00Z" },
    { duration: "1s", more: 1 },
  ])
    assert.equal((await api.json("POST", ADVANCE, body)).status, 400, JSON.stringify(body));
  assert.equal((await fetch(`${api.url}${ADVANCE}`, { method: "POST", body: "no JSON" })).status, 400);
});

test("real time cannot be advanced", async () => {
  await using api = await bootApi(() => [clockApi({ clock: systemClock, testClock: undefined })]);
  assert.equal((await api.json("GET", "/clock/v1/clock")).body["mode"], "SYSTEM");
  const { status, body } = await api.json("POST", ADVANCE, { duration: "1s" });
  const { message } = body["error"] as { message: string };
  assert.deepEqual([status, message], [400, "Time can be advanced on a server with --clock=manual only."]);
});
