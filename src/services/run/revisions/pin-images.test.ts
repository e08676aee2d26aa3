import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveImage } from "./pin-images.ts";

const IMAGE = "registry.example/team/app:v1";
const DIGEST = `sha256:${"1".repeat(64)}`;
const { signal } = new AbortController();

function resolvedBy(resolve: () => Promise<string | undefined>) {
  return resolveImage({ registry: { resolve } }, IMAGE, signal);
}

test("an image is pinned to the digest of its tag, or missing", async () => {
  assert.deepEqual(await resolvedBy(async () => DIGEST), { image: `registry.example/team/app@${DIGEST}` });
  const missing = await resolvedBy(async () => undefined);
  assert.ok("failure" in missing);
  assert.equal(missing.failure.message, `Image '${IMAGE}' not found.`);
});

test("a registry that cannot be asked is told with the cause at the bottom", async () => {
  const cause = new Error("getaddrinfo ENOTFOUND registry.example");
  const unreachable = await resolvedBy(async () => {
    throw new TypeError("fetch failed", { cause });
  });
  assert.ok("failure" in unreachable);
  const told = "could not be looked up: fetch failed: getaddrinfo ENOTFOUND registry.example";
  assert.equal(unreachable.failure.message, `Image '${IMAGE}' ${told}`);
});
