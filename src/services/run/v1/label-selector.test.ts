import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLabelSelector } from "./label-selector.ts";

const LABELS = { app: "hello", tier: "web" };

const CASES: readonly (readonly [selector: string, selected: boolean])[] = [
  ["", true],
  ["app = hello", true],
  ["app==hello,tier=web", true],
  ["app=other", false],
  ["app!=other", true],
  ["none!=x", true],
  ["tier in (web, db)", true],
  ["tier notin (web,db)", false],
  ["none notin (a)", true],
  ["app", true],
  ["!app", false],
  ["!none", true],
];

for (const [selector, selected] of CASES) {
  test(`"${selector}" ${selected ? "selects" : "does not select"}`, () => {
    assert.equal(parseLabelSelector(selector)(LABELS), selected);
  });
}

test("anything else is INVALID_ARGUMENT", () => {
  assert.throws(() => parseLabelSelector("a in b"), { message: "Invalid label selector: 'a in b'." });
});
