import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempDisposableSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileEntry } from "../../oci/layers/layer-entry.ts";
import { writeLayer } from "../../oci/layers/write-layer.ts";
import { randomIds } from "../../platform/ids.ts";
import type { BuildpackRecord } from "../lifecycle/exchange.ts";
import { type BuildCache, createBuildCache, type SavedArchive } from "./build-cache.ts";

interface Types {
  readonly build: boolean;
  readonly launch: boolean;
  readonly cache: boolean;
}

const LAUNCH: Types = { build: false, launch: true, cache: false };
const CACHED: Types = { build: true, launch: true, cache: true };

async function saveBuild(
  cache: BuildCache,
  folder: string,
  repository: string,
  content: string,
  types: Types,
): Promise<string> {
  const layer = await writeLayer([fileEntry("layers/bp/deps/file", content)], join(folder, randomIds.uuid()));
  const record: BuildpackRecord = {
    key: "bp",
    version: "1.0.0",
    layers: { deps: { sha: layer.diffId, data: { content }, ...types } },
    store: { kept: content },
  };
  const { digest, size } = layer.descriptor;
  const archive: SavedArchive = { diffId: layer.diffId, digest, size, cache: types.cache, file: layer.file };
  using opened = cache.open("key", repository);
  await opened.save([record], [archive]);
  return layer.diffId;
}

test("a build gets back what the last build of the same image left, also after a restart", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "cache-"));
  const deps = { folder: join(temp.path, "cache"), ids: randomIds };
  const diffId = await saveBuild(createBuildCache(deps), temp.path, "host/image", "one", CACHED);
  using opened = createBuildCache(deps).open("key", "host/image");
  const [buildpack] = opened.restore.buildpacks;
  assert.deepEqual(buildpack?.layers["deps"]?.data, { content: "one" });
  assert.equal(buildpack?.layers["deps"]?.present, true);
  assert.deepEqual(buildpack?.store, { kept: "one" });
  assert.equal(readFileSync(join(opened.layers[0]!, "layers/bp/deps/file"), "utf8"), "one");
  const archive = opened.archives.get(diffId)!;
  assert.equal(
    `sha256:${createHash("sha256")
      .update(readFileSync(opened.blobFile(archive)))
      .digest("hex")}`,
    archive.digest,
  );
});

test("keys share nothing, and images of one key only layers that are purely for launch", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "cache-"));
  const cache = createBuildCache({ folder: join(temp.path, "cache"), ids: randomIds });
  await saveBuild(cache, temp.path, "host/cached", "one", CACHED);
  await saveBuild(cache, temp.path, "host/launch", "two", LAUNCH);
  using other = cache.open("other key", "host/launch");
  assert.deepEqual(other.restore.buildpacks, []);
  using sibling = cache.open("key", "host/new");
  const [buildpack] = sibling.restore.buildpacks;
  assert.deepEqual(buildpack?.layers["deps"]?.data, { content: "two" });
  assert.equal(buildpack?.layers["deps"]?.present, false);
  assert.equal(buildpack?.store, undefined);
  assert.deepEqual(sibling.layers, []);
});

test("what no remembered image needs is deleted, but not under a build that runs", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "cache-"));
  const cache = createBuildCache({ folder: join(temp.path, "cache"), ids: randomIds });
  const first = await saveBuild(cache, temp.path, "host/image", "one", CACHED);
  const running = cache.open("key", "host/image");
  const blob = running.blobFile(running.archives.get(first)!);
  await saveBuild(cache, temp.path, "host/image", "two", CACHED);
  assert.ok(existsSync(blob));
  assert.ok(existsSync(running.layers[0]!));
  running[Symbol.dispose]();
  await saveBuild(cache, temp.path, "host/image", "three", CACHED);
  assert.ok(!existsSync(blob));
  assert.ok(!existsSync(running.layers[0]!));
});

test("a layer whose archive is gone is not offered, and a broken record is no record", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "cache-"));
  const cache = createBuildCache({ folder: join(temp.path, "cache"), ids: randomIds });
  const diffId = await saveBuild(cache, temp.path, "host/image", "one", LAUNCH);
  const opened = cache.open("key", "host/image");
  const blob = opened.blobFile(opened.archives.get(diffId)!);
  opened[Symbol.dispose]();
  const bytes = readFileSync(blob);
  rmSync(blob);
  assert.deepEqual(cache.open("key", "host/image").restore.buildpacks[0]?.layers, {});
  writeFileSync(blob, bytes);
  const record = join(opened.volume, "..", "images");
  writeFileSync(join(record, readdirSync(record)[0]!), "{");
  assert.deepEqual(cache.open("key", "host/image").restore.buildpacks, []);
});
