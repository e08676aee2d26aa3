import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidate, type PlanOption, resolvePlan } from "./build-plan.ts";

const option = (provides: string[], requires: string[]): PlanOption => ({
  provides: provides.map((name) => ({ name })),
  requires: requires.map((name) => ({ name })),
});
const candidate = (id: string, optional: boolean, ...options: PlanOption[]): Candidate => ({
  element: { id, version: "1.0.0", optional },
  options: options.length > 0 ? options : [option([], [])],
});
const ids = (candidates: Candidate[]): string[] | undefined => resolvePlan(candidates)?.group.map(({ id }) => id);

test("buildpacks that neither provide nor require anything all take part", () => {
  assert.deepEqual(ids([candidate("a", false), candidate("b", true)]), ["a", "b"]);
});

test("what is required must be provided by the same buildpack or an earlier one", () => {
  assert.deepEqual(
    ids([candidate("node", false, option(["node"], [])), candidate("npm", false, option([], ["node"]))]),
    ["node", "npm"],
  );
  assert.equal(
    ids([candidate("npm", false, option([], ["node"])), candidate("node", false, option(["node"], []))]),
    undefined,
  );
  assert.deepEqual(ids([candidate("self", false, option(["x"], ["x"]))]), ["self"]);
});

test("a required buildpack whose provision nobody requires fails the group", () => {
  assert.equal(ids([candidate("node", false, option(["node"], [])), candidate("b", false)]), undefined);
});

test("optional buildpacks that do not fit are left out, and what depended on them is looked at again", () => {
  assert.deepEqual(ids([candidate("node", true, option(["node"], [])), candidate("b", false)]), ["b"]);
  assert.deepEqual(
    ids([
      candidate("a", true, option(["x"], ["missing"])),
      candidate("b", true, option([], ["x"])),
      candidate("c", false),
    ]),
    ["c"],
  );
});

test("an optional buildpack is left out only when none of its alternatives fits", () => {
  const node = candidate("node", true, option(["node"], []), option([], []));
  assert.deepEqual(ids([node, candidate("b", false)]), ["node", "b"]);
  const cache = candidate("cache", true, option([], ["a"]), option([], ["b"]));
  assert.deepEqual(ids([cache, candidate("c", false)]), ["c"]);
});

test("every try says which buildpacks do not fit and why", () => {
  const lines: string[] = [];
  resolvePlan(
    [candidate("a", true, option([], ["x"])), candidate("b", false, option(["y"], []), option([], ["z"]))],
    (line) => lines.push(line),
  );
  const tries = [1, 2].map((number) => `Resolving plan... (try #${number})`);
  const skipped = "skip: a@1.0.0 requires x";
  const expected = [tries[0], skipped, "fail: b@1.0.0 provides unused y", tries[1], skipped];
  assert.deepEqual(lines, [...expected, "fail: b@1.0.0 requires z"]);
});

test("alternatives are tried left to right, depth first", () => {
  const resolved = resolvePlan([
    candidate("a", false, option(["x"], []), option(["y"], [])),
    candidate("b", false, option([], ["z"]), option([], ["y"])),
  ]);
  assert.deepEqual(resolved?.entries, [{ name: "y", providers: ["a@1.0.0"], requires: [{ name: "y" }] }]);
});

test("all requires of a dependency and all its providers end in one entry", () => {
  const resolved = resolvePlan([
    candidate("a", false, option(["x"], [])),
    candidate("b", false, option(["x"], ["x"])),
    candidate("c", false, option([], ["x"])),
  ]);
  assert.deepEqual(resolved?.entries, [
    { name: "x", providers: ["a@1.0.0", "b@1.0.0"], requires: [{ name: "x" }, { name: "x" }] },
  ]);
});

test("a group of which nothing is left fails", () => {
  assert.equal(ids([candidate("a", true, option(["x"], []))]), undefined);
});
