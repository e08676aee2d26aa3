import assert from "node:assert/strict";
import { test } from "node:test";
import { HEXADECIMAL, randomIds } from "./ids.ts";

test("text has the length and the characters that were asked for, each about as often", () => {
  for (const alphabet of ["ab", "abc", HEXADECIMAL, undefined]) {
    const counts = new Map<string, number>();
    for (const each of randomIds.text(60_000, alphabet)) counts.set(each, (counts.get(each) ?? 0) + 1);
    const mean = 60_000 / (alphabet?.length ?? 36);
    assert.equal(counts.size, alphabet?.length ?? 36);
    for (const count of counts.values()) assert.ok(Math.abs(count - mean) < 0.25 * mean, `${count} of ${mean}`);
  }
  for (const length of [0, 1, 15, 16, 17, 40, 5000]) assert.equal(randomIds.text(length, HEXADECIMAL).length, length);
});

test("ids do not repeat when the random bytes fetched ahead run out", () => {
  const ids = Array.from({ length: 20_000 }, () => randomIds.text(16, HEXADECIMAL));
  assert.equal(new Set(ids).size, ids.length);
});

test("fractions are from 0 to below 1", () => {
  const fractions = Array.from({ length: 10_000 }, () => randomIds.fraction());
  assert.ok(fractions.every((fraction) => fraction >= 0 && fraction < 1));
  const mean = fractions.reduce((sum, each) => sum + each, 0) / fractions.length;
  assert.ok(Math.abs(mean - 0.5) < 0.05, String(mean));
});
