import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { formatElapsed } from "./elapsed.ts";
import { cancelledTask, endedTask, LOST, newTask, resultOf, startedTask } from "./task.ts";

const exit = { exitCode: 1, signal: null, outOfMemory: false };

test("a task is retried until it succeeds or has no retries left", () => {
  const failed = resultOf({ outcome: "FAILED", exit, message: "Container called exit(1)." });
  const once = endedTask(startedTask(newTask(0, 1), 2), failed, 1, 3);
  assert.deepEqual([once.phase, once.retried, once.completionTimeMs], ["PENDING", 1, undefined]);
  const twice = endedTask(startedTask(once, 4), failed, 1, 5);
  assert.deepEqual([twice.phase, twice.retried, twice.startTimeMs, twice.completionTimeMs], ["FAILED", 1, 2, 5]);
  const saved = endedTask(startedTask(once, 4), resultOf({ outcome: "SUCCEEDED" }), 1, 5);
  assert.equal(saved.phase, "SUCCEEDED");
  assert.equal(endedTask(startedTask(newTask(0, 1), 2), LOST, 0, 3).phase, "FAILED");
});

test("how an attempt ended is told as Google does", () => {
  const killed = { exitCode: null, signal: "SIGSEGV", outOfMemory: false };
  assert.deepEqual(resultOf({ outcome: "FAILED", exit: killed, message: "Uncaught signal: 11" }), {
    code: Code.ABORTED,
    message: "The container exited with an error.",
    termSignal: 11,
  });
  const failure = { ready: false, reason: "RUNTIME", message: "no such file", logTail: [] } as const;
  const notStarted = resultOf({ outcome: "NOT_STARTED", failure });
  assert.deepEqual(notStarted, { code: Code.INTERNAL, message: "no such file" });
  assert.equal(resultOf({ outcome: "TIMED_OUT" }).message, "The configured timeout was reached.");
});

test("a cancelled execution abandons what has not started", () => {
  assert.equal(cancelledTask(newTask(0, 1), 2).phase, "ABANDONED");
  assert.equal(cancelledTask(startedTask(newTask(0, 1), 2), 3).phase, "CANCELLED");
  const done = endedTask(startedTask(newTask(0, 1), 2), resultOf({ outcome: "SUCCEEDED" }), 0, 3);
  assert.equal(cancelledTask(done, 4), done);
});

test("time spans read as in Google's messages", () => {
  assert.deepEqual([1090, 15_500, 169_010, 0, 60_000].map(formatElapsed), ["1.09s", "15.5s", "2m49.01s", "0s", "1m0s"]);
});
