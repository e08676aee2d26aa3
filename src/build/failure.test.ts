import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFailure, failureLines } from "./failure.ts";

const EXIT = { exitCode: 51, signal: null, outOfMemory: false, timedOut: false };

test("the message of the buildpack that failed is the detail, with its error id", () => {
  const error = {
    buildpackId: "google.nodejs.npm",
    buildpackVersion: "1.1.1",
    errorType: "UNKNOWN",
    canonicalCode: "UNKNOWN",
    errorId: "0123abcd",
    errorMessage: "npm error code E404",
  };
  const failure = buildFailure(EXIT, error, [], 600);
  assert.deepEqual(failure, {
    status: "FAILURE",
    failureType: "USER_BUILD_STEP",
    detail: "(error ID: 0123abcd):\nnpm error code E404",
  });
  assert.deepEqual(failureLines(EXIT, 600), [
    "ERROR: failed to build: executing lifecycle: failed with status code: 51",
  ]);
});

test("without a message the end of the log is the detail, without its colours", () => {
  const tail = Array.from({ length: 30 }, (_, index) => `\u001b[31;1mline ${index}\u001b[0m`);
  const { detail } = buildFailure({ ...EXIT, exitCode: 1 }, undefined, tail, 600);
  assert.match(detail, /^line 10\n[^]*line 29\nfailed to build: failed with status code: 1$/);
});

test("memory and time that ran out are named", () => {
  const killed = { ...EXIT, exitCode: null, signal: "SIGKILL", outOfMemory: true };
  assert.match(buildFailure(killed, undefined, ["x"], 600).detail, /exceeded the memory of its machine type$/);
  const { status, detail } = buildFailure({ ...killed, timedOut: true }, undefined, [], 600);
  assert.deepEqual([status, detail], ["TIMEOUT", "build timed out after 600s"]);
});
