import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLabelSelector } from "./label-selector.ts";

const LABELS = { app: "hello", tier: "web", "serving.knative.dev/configurationGeneration": "12" };

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
  ["app=", false],
  ["none in (,x)", false],
  ["serving.knative.dev/configurationGeneration>9", true],
  ["serving.knative.dev/configurationGeneration < 12", false],
  ["app>1", false],
  ["app in (hello),tier,!none", true],
];

for (const [selector, selected] of CASES) {
  test(`"${selector}" ${selected ? "selects" : "does not select"}`, () => {
    assert.equal(parseLabelSelector(selector)(LABELS), selected);
  });
}

test("anything else is INVALID_ARGUMENT", () => {
  for (const selector of [
    "a in b",
    "a,",
    ",a",
    "a b",
    "a in (b",
    "a=b=c",
    "a>b",
    "a in (b c)",
    "-a",
    "a=-",
    "A/b/c",
    "=",
    "!a=b",
  ]) {
    assert.throws(() => parseLabelSelector(selector), { message: `Invalid label selector: '${selector}'.` });
  }
});
