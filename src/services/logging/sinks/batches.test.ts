import assert from "node:assert/strict";
import { test } from "node:test";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { memoryBuckets } from "../../../../tests/support/memory-buckets.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { logging } from "../module.ts";

const MINUTE_MS = 60_000;
const APP = "projects/demo/logs/app%2Fmain";

test("a sink writes a file for each log and hour into its bucket, and late entries into others", async () => {
  const clock = createManualClock(Date.parse("2026-11-21T10:20:00Z"));
  const buckets = memoryBuckets("exports");
  await using api = await bootApi((deps) => [buckets.module, logging(deps)], { clock });
  for (const bucket of ["exports", "absent"]) {
    const sink = { name: bucket, filter: "textPayload:*", destination: `storage.googleapis.com/${bucket}` };
    assert.equal((await api.json("POST", "/v2/projects/demo/sinks", sink)).status, 200);
  }
  const write = async (...entries: object[]) => {
    assert.equal((await api.json("POST", "/v2/entries:write", { logName: APP, entries })).status, 200);
  };
  await write({ textPayload: "one" }, { textPayload: "two" });
  await write({ textPayload: "other", logName: "projects/demo/logs/other" });
  await api.api.wakeups.idle();
  assert.deepEqual(Object.keys(buckets.objects), []);
  clock.advance(40 * MINUTE_MS);
  await api.api.wakeups.idle();
  const file = "app/main/2026/11/21/10:00:00_10:59:59_S0.json";
  assert.deepEqual(Object.keys(buckets.objects).sort(), [file, "other/2026/11/21/10:00:00_10:59:59_S0.json"]);
  const texts = (name: string) =>
    buckets.objects[name]!.trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { textPayload: string }).textPayload);
  assert.deepEqual(texts(file), ["one", "two"]);
  assert.match(buckets.writer, /^cloud-logs@system\.gserviceaccount\.com$/);

  await write({ textPayload: "late", timestamp: "2026-11-21T10:59:00Z" }, { textPayload: "next" });
  clock.advance(5 * MINUTE_MS);
  await api.api.wakeups.idle();
  assert.deepEqual(texts(file.replace("S0", "A0")), ["late"]);
  clock.advance(60 * MINUTE_MS);
  await api.api.wakeups.idle();
  assert.deepEqual(texts(file.replaceAll("10:", "11:")), ["next"]);
});
