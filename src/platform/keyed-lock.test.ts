import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyedLock } from "./keyed-lock.ts";

test("work on one key runs one after the other, also behind work that failed; other keys do not wait", async () => {
  const lock = createKeyedLock();
  const events: string[] = [];
  const first = Promise.withResolvers<void>();
  const failing = lock("a", async () => {
    events.push("first");
    await first.promise;
    throw new Error("failed");
  });
  const second = lock("a", async () => void events.push("second"));
  await lock("b", async () => void events.push("other"));
  assert.deepEqual(events, ["first", "other"]);
  first.resolve();
  await assert.rejects(failing, /failed/);
  await second;
  assert.deepEqual(events, ["first", "other", "second"]);
});
