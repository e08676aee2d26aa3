import assert from "node:assert/strict";
import { test } from "node:test";
import { findBaseImage, requireRuntime, runImageName, runtimeOfBaseImage, UnknownRuntimeError } from "./runtimes.ts";

test("run images carry Google's names, and every documented form leads back to the runtime", () => {
  const name = runImageName(requireRuntime("nodejs22"));
  assert.equal(name, "us-central1-docker.pkg.dev/serverless-runtimes/google-22/runtimes/nodejs22");
  const full = "us-central1-docker.pkg.dev/serverless-runtimes/google-22-full/runtimes/nodejs22";
  assert.equal(runImageName(requireRuntime("google-22-full/nodejs22")), full);
  assert.equal(findBaseImage(full)?.stack, "google-22-full");
  assert.equal(findBaseImage("nodejs22")?.stack, "google-22");
  const forms = ["nodejs22", "google-22/nodejs22", "google-22-full/nodejs22", name, full, `${name}:latest`];
  for (const form of [...forms, name.replace("us-central1", "europe-west1")]) {
    assert.equal(runtimeOfBaseImage(form), "nodejs22", form);
  }
  for (const form of [
    "nodejs9",
    "google-24/nodejs22",
    "toString",
    "docker.example/x/y",
    `${name}@sha256:${"0".repeat(64)}`,
    "",
    "scratch",
  ]) {
    assert.equal(runtimeOfBaseImage(form), undefined, form);
  }
  assert.throws(() => requireRuntime("constructor"), UnknownRuntimeError);
});
