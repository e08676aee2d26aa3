import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidPlanError, planSteps } from "./plan.ts";

const plan = (...steps: (readonly [id: string, ...waitFor: string[]])[]) =>
  planSteps(steps.map(([id, ...waitFor]) => ({ id, waitFor })));
const fails = (pattern: RegExp, ...steps: Parameters<typeof plan>) =>
  assert.throws(
    () => plan(...steps),
    (error) => error instanceof InvalidPlanError && pattern.test(error.message),
  );

test("a step waits for all steps before it, for those it names, or for none", () => {
  assert.deepEqual(plan([""], [""], [""]), [[], [0], [0, 1]]);
  assert.deepEqual(plan(["a", "-"], ["b", "-"], ["c", "a", "b", "a"], ["", "b", "-"]), [[], [], [0, 1], [1]]);
  assert.deepEqual(plan(), []);
});

test("a step can only name steps before it, so that there is no cycle", () => {
  fails(/^build step #0 - "a" depends on "b", which has not been defined$/, ["a", "b"], ["b", "a"]);
  fails(/^build step #0 - "a" depends on "a", which has not been defined$/, ["a", "a"]);
  fails(/^build step #1 depends on "x", which has not been defined$/, ["a"], ["", "x"]);
});

test("ids are unique, and not the one that stands for the start", () => {
  fails(/^build step #1 - "a": the ID is not unique$/, ["a"], ["a"]);
  fails(/the ID cannot be "-" which is reserved/, ["-"]);
});
