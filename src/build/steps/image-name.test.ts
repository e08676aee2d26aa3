import assert from "node:assert/strict";
import { test } from "node:test";
import { digestReference, fullImageName, pullReference } from "./image-name.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

test("short names are Docker Hub's", () => {
  assert.equal(fullImageName("ubuntu"), "docker.io/library/ubuntu:latest");
  assert.equal(fullImageName("node:22-slim"), "docker.io/library/node:22-slim");
  assert.equal(fullImageName("hashicorp/terraform:1.9"), "docker.io/hashicorp/terraform:1.9");
  assert.equal(fullImageName("index.docker.io/library/x"), "docker.io/library/x:latest");
  assert.match(pullReference("docker.io/library/ubuntu:latest"), /^registry-1\.docker\.io\/library\/ubuntu:latest$/);
});

test("names with a host stay, by tag or by digest", () => {
  assert.equal(fullImageName("gcr.io/p/i"), "gcr.io/p/i:latest");
  assert.equal(fullImageName("localhost:5000/i:1"), "localhost:5000/i:1");
  assert.equal(fullImageName(`gcr.io/p/i@${DIGEST}`), `gcr.io/p/i@${DIGEST}`);
  assert.equal(digestReference("gcr.io/p/i:1", DIGEST), `gcr.io/p/i@${DIGEST}`);
  assert.equal(pullReference("gcr.io/p/i:1"), "gcr.io/p/i:1");
  assert.throws(() => fullImageName("Upper"), /invalid repository name/);
});
