import assert from "node:assert/strict";
import { test } from "node:test";
import { affinityCookie, affinityKey, parseAffinity } from "./affinity.ts";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60_000;
const KEY = affinityKey("projects/p/locations/l/services/s/revisions/r");
const ID = "0123456789".repeat(4);

const valueOf = (cookie: string | undefined) => cookie?.split(";")[0];

test("the cookie names revision and instance and lives for 30 days", () => {
  const cookie = affinityCookie(NOW, undefined, KEY, ID);
  assert.match(cookie ?? "", /^GAESA=[\w-]+; expires=Sat, 31 Jan 2026 00:00:00 GMT; path=\/$/);
  assert.deepEqual(parseAffinity(`a=b; ${valueOf(cookie)}; c=d`), { revisionKey: KEY, instanceId: ID, sinceMs: NOW });
});

test("a client gets a new cookie for another instance or revision, and when its own is a day old", () => {
  const given = parseAffinity(valueOf(affinityCookie(NOW, undefined, KEY, ID)));
  assert.equal(affinityCookie(NOW + DAY_MS - 1, given, KEY, ID), undefined);
  assert.notEqual(affinityCookie(NOW + DAY_MS, given, KEY, ID), undefined);
  assert.notEqual(affinityCookie(NOW, given, KEY, "other"), undefined);
  assert.notEqual(affinityCookie(NOW, given, affinityKey("other"), ID), undefined);
});

test("what is no such cookie says nothing", () => {
  for (const cookies of [undefined, "", "a=b", "GAESA=", "GAESA=x", "XGAESA=CgFh", "GAESA=CooBMDBjYQ"]) {
    assert.equal(parseAffinity(cookies), undefined, cookies);
  }
});
