import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "./digest.ts";
import { formatReference, parseReference } from "./reference.ts";

const DIGEST = digestOf("x");

test("references are read and written back", () => {
  assert.deepEqual(parseReference("us-central1-docker.pkg.dev/p/r/i"), {
    host: "us-central1-docker.pkg.dev",
    repository: "p/r/i",
    tag: "latest",
  });
  assert.deepEqual(parseReference("localhost:8484/p/r/i/deep:v1.2_x"), {
    host: "localhost:8484",
    repository: "p/r/i/deep",
    tag: "v1.2_x",
  });
  for (const text of [`a.dev/p/i@${DIGEST}`, `a.dev/p/i:v1@${DIGEST}`, "127.0.0.1:5000/i:x", "[::1]:5/i:x"]) {
    assert.equal(formatReference(parseReference(text)), text);
  }
});

test("what is no reference is refused", () => {
  const bad = [
    "",
    "nginx",
    "library/nginx",
    "a.dev/",
    "a.dev/UPPER",
    "a.dev/a//b",
    "a.dev/i:",
    "a.dev/i:-x",
    "a.dev/i@sha256:1",
  ];
  for (const text of [...bad, `a.dev/i@${DIGEST}@${DIGEST}`, `a.dev/${"a".repeat(256)}`, "a.dev/../i"]) {
    assert.throws(() => parseReference(text), TypeError, text);
  }
});
