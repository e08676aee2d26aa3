import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createDistributionClient, type DistributionClient } from "../../oci/distribution/client.ts";
import { createFileStorage } from "../../oci/distribution/file-storage.ts";
import { createRegistryHandler } from "../../oci/distribution/handler.ts";
import { pushImage } from "../../oci/distribution/push-image.ts";
import { fileEntry } from "../../oci/layers/layer-entry.ts";
import { writeLayer } from "../../oci/layers/write-layer.ts";
import { parseReference } from "../../oci/reference.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import type { LifecycleResult } from "../lifecycle/exchange.ts";
import { pushAppImage } from "./push-app-image.ts";
import { rebaseImage, RebaseError } from "./rebase-image.ts";
import { readImage } from "./run-image.ts";

const REGISTRY = "registry.example";
const RUN = `${REGISTRY}/images/run`;
const APP = `${REGISTRY}/project/app`;

interface Bench {
  readonly folder: string;
  readonly client: DistributionClient;
  /** What was asked of the registries: METHOD PATH. */
  readonly requests: string[];
  layer(content: string): Promise<{ diffId: string; digest: string; size: number; file: string }>;
  /** Pushes a run image of one layer per content; resolves with its digest reference. */
  run(name: string, contents: string[], labels?: Record<string, string>): Promise<string>;
  /** Builds an application over a run image; resolves with its digest. */
  app(runImage: string, name?: string): Promise<string>;
  labels(reference: string): Promise<Record<string, string>>;
}

function createBench(folder: string): Bench {
  const registries = new Map<string, ReturnType<typeof createRegistryHandler>>();
  const requests: string[] = [];
  const client = createDistributionClient({
    clock: systemClock,
    fetch(request) {
      const { host, pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      const storage = createFileStorage({ folder: join(folder, host), ids: randomIds });
      const handle = registries.get(host) ?? createRegistryHandler({ storage, ids: randomIds });
      registries.set(host, handle);
      return handle(request, async () => {});
    },
  });
  let count = 0;
  const layer: Bench["layer"] = async (content) => {
    const written = await writeLayer([fileEntry("etc/layer", content)], join(folder, `${count++}.tar.gz`));
    return { ...written.descriptor, diffId: written.diffId, file: written.file };
  };
  return {
    folder,
    client,
    requests,
    layer,
    async run(name, contents, labels = {}) {
      const written = await Promise.all(contents.map(layer));
      const layers = written.map(({ diffId, digest, size, file }) => ({
        descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size },
        diffId,
        source: { file },
      }));
      const config = { architecture: "amd64", os: "linux", config: { Env: ["PATH=/bin"], Labels: labels } };
      const { digest } = await pushImage(client, [`${name}:latest`], { layers, config });
      return `${name}@${digest}`;
    },
    async app(reference, name = RUN) {
      const app = await layer("app");
      const image = await readImage(client, parseReference(reference));
      const archive = { diffId: app.diffId, createdBy: "Application Layer", launch: true, cache: false };
      const result: LifecycleResult = {
        phases: [],
        group: [],
        processes: [],
        buildpacks: [],
        labels: [{ key: "own", value: "kept" }],
        archives: [archive],
        sboms: [],
        app: [app.diffId],
        launcher: app.diffId,
        config: app.diffId,
      };
      const parts = { runImage: { ...image, name }, result, archiveOf: () => app, user: "1:1" };
      return pushAppImage(client, { destinations: [`${APP}:v1`] }, parts, folder, new AbortController().signal);
    },
    async labels(reference) {
      const { config } = await readImage(client, parseReference(reference));
      return { ...config.config?.Labels };
    },
  };
}

const distro = (version: string): Record<string, string> => ({ "io.buildpacks.base.distro.version": version });

test("a rebased image is what a build on the new run image gives, and no layer is transferred", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "rebase-"));
  const bench = createBench(temp.path);
  const old = await bench.run(RUN, ["os", "runtime 1"], { ...distro("12"), "io.buildpacks.base.released": "then" });
  const digest = await bench.app(old);
  const labels = { ...distro("12"), "io.buildpacks.base.released": "now" };
  const patched = await bench.run(RUN, ["os, patched", "more", "runtime 1"], labels);
  const expected = await bench.app(patched);
  assert.notEqual(expected, digest);

  bench.requests.length = 0;
  const rebased = await rebaseImage(bench.client, { image: `${APP}@${digest}`, runImage: patched }, temp.path);
  assert.deepEqual(rebased, { digest: expected, runImage: patched });
  assert.deepEqual(
    bench.requests.filter((request) => /^PUT .*uploads/.test(request)),
    [],
  );
  const { config } = await readImage(bench.client, parseReference(`${APP}@${rebased.digest}`));
  assert.equal(config.history?.length, 4);
  assert.equal((await bench.labels(`${APP}@${rebased.digest}`))["io.buildpacks.base.released"], "now");
  // Under its digest alone: the tag is the last build's.
  assert.equal(await bench.client.resolve(parseReference(`${APP}:v1`)), expected);
  const back = await rebaseImage(bench.client, { image: `${APP}@${rebased.digest}`, runImage: old }, temp.path);
  assert.equal(back.digest, digest);
  const same = await rebaseImage(
    bench.client,
    { image: `${APP}@${digest}`, runImage: `${RUN}@${old.split("@")[1]}` },
    "",
  );
  assert.equal(same.digest, digest);
});

test("images of other registries are copied, and tags are set", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "rebase-"));
  const bench = createBench(temp.path);
  const digest = await bench.app(await bench.run("other.example/run", ["os"]), "other.example/run");
  const patched = await bench.run("other.example/run", ["os, patched"]);
  const request = {
    image: `${APP}@${digest}`,
    runImage: patched,
    tags: ["third.example/a/b:v2", "third.example/a/b:v3"],
  };
  const rebased = await rebaseImage(bench.client, request, temp.path);
  for (const tag of request.tags) assert.equal(await bench.client.resolve(parseReference(tag)), rebased.digest);
  const { manifest } = await readImage(bench.client, parseReference(request.tags[0]!));
  for (const { digest: layer } of manifest.layers)
    assert.ok(await bench.client.hasBlob(parseReference(request.tags[0]!), layer));
});

test("what does not fit is refused, unless it is forced", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "rebase-"));
  const bench = createBench(temp.path);
  const old = await bench.run(RUN, ["os"], distro("12"));
  const image = `${APP}@${await bench.app(old)}`;
  const rebase = (runImage: string, force = false, from = image) =>
    rebaseImage(bench.client, { image: from, runImage, force }, temp.path);
  const refused = (message: RegExp) => (error: unknown) => error instanceof RebaseError && message.test(error.message);

  const other = await bench.run(RUN, ["os 13"], distro("13"));
  await assert.rejects(rebase(other), refused(/has distribution version "13", not "12"/));
  const elsewhere = await bench.run(`${REGISTRY}/images/elsewhere`, ["os"], distro("12"));
  await assert.rejects(rebase(elsewhere), refused(/to be among those of/));
  await assert.rejects(rebase(old, false, elsewhere), refused(/has no label io\.buildpacks\.lifecycle\.metadata/));

  const fixed = await bench.run(RUN, ["os"], { ...distro("12"), "io.buildpacks.rebasable": "false" });
  const kept = `${APP}@${await bench.app(fixed)}`;
  await assert.rejects(rebase(old, false, kept), refused(/is not marked as rebasable/));

  const forced = await rebase(elsewhere, true);
  const labels = await bench.labels(`${APP}@${forced.digest}`);
  const { runImage } = JSON.parse(labels["io.buildpacks.lifecycle.metadata"]!) as { runImage: { image: string } };
  assert.equal(runImage.image, elsewhere);
  assert.equal(labels["own"], "kept");
});
