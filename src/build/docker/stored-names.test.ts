import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hasStoredImage, INHERITED } from "./stored-names.ts";

test("names are found as docker means them, and nowhere but in the store itself", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "store-"));
  const store = join(temp.path, "store");
  const folder = join(store, "storage", "overlay-images");
  mkdirSync(folder, { recursive: true });
  const names = ["localhost/app:latest", "docker.io/library/busybox:1", "us-docker.pkg.dev/p/r/i:v"];
  writeFileSync(join(folder, "images.json"), JSON.stringify([{ names }, null, { names: "none" }]));
  const has = (name: string) => hasStoredImage(store, name);
  for (const name of ["app", "app:latest", "busybox:1", "us-docker.pkg.dev/p/r/i:v"])
    assert.equal(await has(name), true);
  for (const name of ["app:2", "busybox", "us-docker.pkg.dev/p/r/i"]) assert.equal(await has(name), false);

  writeFileSync(join(store, INHERITED), "");
  assert.equal(await has("app"), false, "an earlier build's");
  rmSync(join(store, INHERITED));

  const outside = join(temp.path, "outside");
  mkdirSync(join(outside, "overlay-images"), { recursive: true });
  writeFileSync(join(outside, "overlay-images", "images.json"), JSON.stringify([{ names }]));
  rmSync(join(store, "storage"), { recursive: true });
  symlinkSync(outside, join(store, "storage"));
  assert.equal(await has("app"), false, "a link that leads out is not followed");
});
