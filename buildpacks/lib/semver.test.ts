import assert from "node:assert/strict";
import { test } from "node:test";
import { maxSatisfying, satisfies } from "./semver.ts";

const CASES: readonly [range: string, inside: string[], outside: string[]][] = [
  ["", ["0.0.1", "22.1.0"], ["1.0.0-rc.1", "x"]],
  ["*", ["1.2.3"], []],
  ["22", ["22.0.0", "22.99.1"], ["21.9.9", "23.0.0"]],
  ["22.x.x", ["22.3.0"], ["23.0.0"]],
  ["22.*.*", ["22.3.0"], ["20.0.0"]],
  ["1.2", ["1.2.9"], ["1.3.0"]],
  ["=1.2.3", ["1.2.3"], ["1.2.4"]],
  ["^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0", "2.0.0-rc.1"]],
  ["^0.2.3", ["0.2.9"], ["0.3.0"]],
  ["^0.0.3", ["0.0.3"], ["0.0.4"]],
  ["^0.0", ["0.0.9"], ["0.1.0"]],
  ["^0", ["0.9.0"], ["1.0.0"]],
  ["~1.2.3", ["1.2.9"], ["1.3.0"]],
  ["~1", ["1.9.0"], ["2.0.0"]],
  [">=20 <23", ["20.0.0", "22.9.9"], ["19.9.9", "23.0.0"]],
  [">= 20.1.0", ["20.1.0", "26.0.0"], ["20.0.9"]],
  [">20", ["21.0.0"], ["20.5.0"]],
  ["<=20", ["20.9.0"], ["21.0.0"]],
  ["<20", ["19.9.9"], ["20.0.0"]],
  ["18 || >=20", ["18.1.0", "22.0.0"], ["19.0.0"]],
  ["1.2.3 - 2.3", ["1.2.3", "2.3.9"], ["1.2.2", "2.4.0"]],
  [">=1.0.0-rc.1", ["1.0.0-rc.2", "1.0.0"], ["1.0.1-rc.1", "1.0.0-beta"]],
  ["latest", [], ["1.0.0"]],
];

for (const [range, inside, outside] of CASES) {
  test(`range "${range}"`, () => {
    for (const version of inside) assert.equal(satisfies(version, range), true, version);
    for (const version of outside) assert.equal(satisfies(version, range), false, version);
  });
}

test("the highest version of a range is found, whatever the order", () => {
  assert.equal(maxSatisfying(["1.10.0", "1.9.0", "2.0.0", "1.10.0-rc.1"], "^1"), "1.10.0");
  assert.equal(maxSatisfying(["1.0.0"], "2"), undefined);
});
