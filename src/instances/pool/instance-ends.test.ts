import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceEnds, type Mortal } from "./instance-ends.ts";

test("tells of instances that end by themselves once, and of those with code 0 that they are done", () => {
  const seen: string[] = [];
  const ends = instanceEnds({ ended: (nowMs, sinceMs) => seen.push(`lived ${nowMs - sinceMs}`) }, () =>
    seen.push("done"),
  );
  const ended = (exitCode: number): Mortal => ({ exit: { exitCode, signal: null, outOfMemory: false } });
  const [fine, broken, stopped, early] = [ended(0), ended(3), ended(0), ended(0)];
  for (const instance of [fine, broken, stopped]) ends.ready(instance, 10);
  ends.expect(stopped);
  ends.note([fine, broken, stopped, early], 15);
  ends.note([fine, broken, stopped, early], 20);
  assert.deepEqual(seen, ["lived 5", "done", "lived 5"]);
});
