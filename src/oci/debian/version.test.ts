import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRelations, satisfies } from "./relations.ts";
import { compareVersions } from "./version.ts";

const ORDERED = [
  "0~~",
  "0~~a",
  "0~",
  "0",
  "0a",
  "0a.",
  "0.0~rc1-1",
  "0.0-1",
  "1.0~rc1-1~deb12u1",
  "1.0~rc1-1",
  "1.0-1",
  "1.0-1+b1",
  "1.0-1.1",
  "1.0-2",
  "1.0+dfsg-1",
  "1.0.1-1",
  "1.9-1",
  "1.10-1",
  "10-1",
  "2024a-1",
  "2024b-1",
  "1:0.1-1",
  "1:0.2-1",
  "2:0",
];

test("versions sort as deb-version(7) says", () => {
  for (const [at, version] of ORDERED.entries()) {
    assert.equal(compareVersions(version, version), 0);
    for (const later of ORDERED.slice(at + 1)) {
      assert.ok(compareVersions(version, later) < 0, `${version} < ${later}`);
      assert.ok(compareVersions(later, version) > 0, `${later} > ${version}`);
    }
  }
});

test("relations are parsed with alternatives, versions and architecture qualifiers", () => {
  assert.deepEqual(parseRelations("libc6 (>= 2.38), debconf (>= 0.5) | debconf-2.0, python3:any, x(<<1)"), [
    [{ name: "libc6", operator: ">=", version: "2.38" }],
    [{ name: "debconf", operator: ">=", version: "0.5" }, { name: "debconf-2.0" }],
    [{ name: "python3" }],
    [{ name: "x", operator: "<<", version: "1" }],
  ]);
  assert.ok(satisfies("2.41-12+deb13u4", { name: "libc6", operator: ">=", version: "2.38" }));
  assert.ok(!satisfies("2.38", { name: "libc6", operator: ">>", version: "2.38" }));
  assert.throws(() => parseRelations("libc6 (>= 2.38), !!"), TypeError);
});
