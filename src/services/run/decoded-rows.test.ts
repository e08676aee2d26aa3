import assert from "node:assert/strict";
import { test } from "node:test";
import type { WatchedRow } from "./changes/watched-table.ts";
import { decodedRows } from "./decoded-rows.ts";

const row = (name: string, version: number, uid = "u") => ({ name, version, uid }) as WatchedRow;

test("a row is decoded once, and again when it was written or is another of the same name", () => {
  let times = 0;
  const decoded = decodedRows(({ name, version }) => `${name} ${version} ${++times}`);
  assert.equal(decoded(row("a", 1)), "a 1 1");
  assert.equal(decoded(row("a", 1)), "a 1 1");
  assert.equal(decoded(row("a", 2)), "a 2 2");
  assert.equal(decoded(row("a", 2, "other")), "a 2 3");
});

test("the rows that were decoded first are forgotten when there are many", () => {
  let times = 0;
  const decoded = decodedRows(() => ++times);
  for (let n = 0; n <= 1_000; n++) decoded(row(`r${n}`, 1));
  assert.equal(decoded(row("r1000", 1)), 1_001);
  assert.equal(decoded(row("r0", 1)), 1_002);
});
