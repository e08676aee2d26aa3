import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { createDistributionClient } from "./distribution/client.ts";
import { createFileStorage } from "./distribution/file-storage.ts";
import { createRegistryHandler } from "./distribution/handler.ts";
import { pushImage, type PushLayer } from "./distribution/push-image.ts";
import { createImageCache } from "./image-cache.ts";
import { fileEntry } from "./layers/layer-entry.ts";
import { writeLayer } from "./layers/write-layer.ts";
import { mediaTypes } from "./media-types.ts";
import type { RegistryFetch } from "./oci.ts";

const REPOSITORY = "registry.example/demo/repo/app";

function open() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "images-"));
  const handler = createRegistryHandler({
    storage: createFileStorage({ folder: join(temp.path, "registry"), ids: randomIds }),
    ids: randomIds,
  });
  const requests: string[] = [];
  const fetch: RegistryFetch = (request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    return handler(request, () => Promise.resolve());
  };
  const client = createDistributionClient({ fetch, clock: systemClock });
  const dataFolder = join(temp.path, "data");
  mkdirSync(dataFolder);
  const layer = async (name: string, content: string): Promise<PushLayer> => {
    const written = await writeLayer([fileEntry(name, content)], join(temp.path, `${name}.tar.gz`));
    return { ...written, source: { file: written.file } };
  };
  const openCache = () => createImageCache({ dataFolder, client, ids: randomIds });
  return { client, requests, dataFolder, layer, openCache, [Symbol.dispose]: () => temp.remove() };
}

const config = { architecture: "amd64", os: "linux", config: { Env: ["A=1=2"], Cmd: ["run"], User: "33:33" } };

test("an image is unpacked once, whoever asks, and found again after a restart without the registry", async () => {
  using world = open();
  const layers = [await world.layer("a", "one"), await world.layer("b", "two")];
  const { digest } = await pushImage(world.client, [`${REPOSITORY}:v1`, `${REPOSITORY}:v2`], { layers, config });
  const cache = world.openCache();
  world.requests.length = 0;
  const [first, second] = await Promise.all([
    cache.ensure(`${REPOSITORY}:v1`),
    cache.ensure(`${REPOSITORY}@${digest}`),
  ]);
  assert.deepEqual(first, second);
  const blobReads = world.requests.filter((line) => line.includes(`/blobs/${layers[0]!.descriptor.digest}`));
  assert.equal(blobReads.length, 1);
  assert.equal(first.digest, digest);
  assert.deepEqual(first.config.env, { A: "1=2" });
  assert.equal(first.config.user, "33:33");
  assert.equal(readFileSync(join(first.layers[0]!, "a"), "utf8"), "one");
  assert.equal(readFileSync(join(first.layers[1]!, "b"), "utf8"), "two");
  assert.equal(basename(first.layers[0]!), layers[0]!.diffId.replace(":", "-"));
  world.requests.length = 0;
  assert.deepEqual(await world.openCache().ensure(`${REPOSITORY}@${digest}`), first);
  assert.deepEqual(world.requests, []);
});

test("a record that a power failure cut off is made again", async () => {
  using world = open();
  const { digest } = await pushImage(world.client, [`${REPOSITORY}:x`], {
    layers: [await world.layer("a", "1")],
    config,
  });
  const first = await world.openCache().ensure(`${REPOSITORY}@${digest}`);
  writeFileSync(join(world.dataFolder, "images", `${digest.replace(":", "-")}.json`), "");
  assert.deepEqual(await world.openCache().ensure(`${REPOSITORY}@${digest}`), first);
});

test("prune deletes the layers that only unwanted images need", async () => {
  using world = open();
  const [shared, a, b] = [await world.layer("s", "s"), await world.layer("a", "a"), await world.layer("b", "b")];
  const one = await pushImage(world.client, [`${REPOSITORY}:a`], { layers: [shared, a], config });
  await pushImage(world.client, [`${REPOSITORY}:b`], { layers: [shared, b], config });
  const cache = world.openCache();
  const [kept, dropped] = await Promise.all([cache.ensure(`${REPOSITORY}:a`), cache.ensure(`${REPOSITORY}:b`)]);
  await cache.prune(new Set([one.digest]));
  assert.deepEqual(kept.layers.map(existsSync), [true, true]);
  assert.deepEqual(dropped.layers.map(existsSync), [true, false]);
  assert.deepEqual((await cache.ensure(`${REPOSITORY}:b`)).layers.map(existsSync), [true, true]);
});

test("a layer that is not what the configuration says is refused and leaves nothing behind", async () => {
  using world = open();
  const [good, other] = [await world.layer("a", "one"), await world.layer("b", "two")];
  await pushImage(world.client, [`${REPOSITORY}:bad`], { layers: [{ ...good, diffId: other.diffId }], config });
  const cache = world.openCache();
  await assert.rejects(cache.ensure(`${REPOSITORY}:bad`), /unpacks to/);
  assert.deepEqual(readdirSync(join(world.dataFolder, "layers")), []);
  await assert.rejects(cache.ensure(`${REPOSITORY}:missing`), /status 404/);
});

test("what a crash left half unpacked is gone after the restart", async () => {
  using world = open();
  const layers = join(world.dataFolder, "layers");
  mkdirSync(join(layers, ".unpacking-1/etc"), { recursive: true });
  mkdirSync(join(layers, `sha256-${"0".repeat(64)}`));
  writeFileSync(join(layers, `.unsynced-sha256-${"0".repeat(64)}`), "another boot");
  world.openCache();
  assert.deepEqual(readdirSync(layers), []);
});

test("of an index the image for this machine is taken", async () => {
  using world = open();
  const { digest } = await pushImage(world.client, [`${REPOSITORY}:x`], {
    layers: [await world.layer("a", "1")],
    config,
  });
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const entry = { mediaType: mediaTypes.manifest, digest, size: 1, platform: { os: "linux", architecture } };
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry] };
  const content = Buffer.from(JSON.stringify(index));
  const reference = { host: "registry.example", repository: "demo/repo/app", tag: "multi" };
  const indexDigest = await world.client.putManifest(reference, { mediaType: mediaTypes.index, content });
  const image = await world.openCache().ensure(`${REPOSITORY}@${indexDigest}`);
  assert.equal(image.digest, digest);
});
