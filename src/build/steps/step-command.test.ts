import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptFile, SCRIPT, stepCommand, stepFolder } from "./step-command.ts";
import type { StepRequest } from "./steps.ts";

const command = (step: Partial<StepRequest>, entrypoint: string[] = [], cmd: string[] = []) =>
  stepCommand({ entrypoint: "", args: [], script: "", ...step } as StepRequest, { entrypoint, cmd });

test("args go to the entrypoint, of the step or of the image, and take the place of its command", () => {
  assert.deepEqual(command({ args: ["a"] }, ["e"], ["c"]), ["e", "a"]);
  assert.deepEqual(command({}, ["e"], ["c"]), ["e", "c"]);
  assert.deepEqual(command({ args: ["a", "b"] }), ["a", "b"]);
  assert.deepEqual(command({ entrypoint: "s", args: ["a"] }, ["e"], ["c"]), ["s", "a"]);
  assert.deepEqual(command({ entrypoint: "s" }, ["e"], ["c"]), ["s"]);
  assert.deepEqual(command({}), []);
});

test("a script runs in bash -e unless it names its interpreter", () => {
  assert.deepEqual(command({ script: "x" }, ["e"], ["c"]), [SCRIPT]);
  assert.equal(scriptFile("echo 1\n"), "#!/bin/bash -e\necho 1\n");
  assert.equal(scriptFile("#!/usr/bin/env node\n1"), "#!/usr/bin/env node\n1");
});

test("dir is relative to the workspace, or absolute", () => {
  assert.equal(stepFolder(""), "/workspace");
  assert.equal(stepFolder("./a/../b/"), "/workspace/b");
  assert.equal(stepFolder("/opt/x"), "/opt/x");
});
