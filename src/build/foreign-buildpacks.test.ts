import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createBuilderBench } from "./testing/builder-bench.ts";
import { orderToml, pushBuilder } from "./testing/push-builder.ts";

const SOURCES = join(import.meta.dirname, "testing", "foreign");
const CACHE = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "foreign-buildpacks");
const RUN_IMAGE = "us-central1-docker.pkg.dev/serverless-runtimes/test/run:latest";

/** Buildpacks on the library that Paketo's and others' are written with, compiled once; undefined where that cannot be. */
function compile(): Buffer | undefined {
  const names = ["go.mod", "go.sum", "main.go"];
  const hash = createHash("sha256");
  for (const name of names) hash.update(readFileSync(join(SOURCES, name)));
  const binary = join(CACHE, hash.digest("hex").slice(0, 16));
  if (existsSync(binary)) return readFileSync(binary);
  const env = { ...process.env, CGO_ENABLED: "0" };
  const download = spawnSync("go", ["mod", "download"], { cwd: SOURCES, env, encoding: "utf8" });
  if (download.status !== 0) return undefined;
  mkdirSync(CACHE, { recursive: true });
  execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", `${binary}.new`, "."], { cwd: SOURCES, env });
  renameSync(`${binary}.new`, binary);
  return readFileSync(binary);
}

const binary = compile();

if (binary === undefined) console.warn("NOT RUN: buildpacks on libcnb; there is no go, or no way to its modules");
else
  test("buildpacks that are written with others' libraries run in the lifecycle and in the launcher", () =>
    run(binary));

async function run(program: Buffer): Promise<void> {
  await using bench = await createBuilderBench("host");
  await bench.runImage("nodejs22");
  // The API versions that the library speaks: one with positional arguments, one without.
  const apis = { "foreign/tool": "0.7", "foreign/app": "0.8" };
  const files = Object.entries(apis).flatMap(([id, api]) => {
    const folder = `cnb/buildpacks/${id.replace("/", "_")}/1.0.0`;
    const toml = `api = "${api}"\n[buildpack]\nid = "${id}"\nversion = "1.0.0"\nsbom-formats = ["application/vnd.cyclonedx+json"]\n[[stacks]]\nid = "*"\n`;
    return Object.entries({ "buildpack.toml": toml, "bin/detect": program, "bin/build": program }).map(
      ([path, content]) => [`${folder}/${path}`, content] as const,
    );
  });
  const builder = await pushBuilder(bench, "us-central1-docker.pkg.dev/project/builders/libcnb:v1", {
    files: { ...Object.fromEntries(files), "cnb/order.toml": orderToml("foreign/tool", "foreign/app") },
    labels: { "io.buildpacks.builder.metadata": JSON.stringify({ stack: { runImage: { image: RUN_IMAGE } } }) },
  });
  const source = bench.source({ "words.txt": "good day\n", "assets/a.css": "", "assets/.b": "" });
  const build = async (changes: object = {}): Promise<{ digest: string; log: string }> => {
    const request = { runImage: "", env: { BP_SETTING: "of the user" }, pack: { builder, ...changes } };
    const { outcome, log } = await bench.build(source, request);
    assert.equal(outcome.status, "SUCCESS", log.join("\n"));
    return { digest: outcome.status === "SUCCESS" ? outcome.images[0]!.digest : "", log: log.join("\n") };
  };

  const first = await build();
  assert.match(first.log, /^run 0 with the setting "of the user"\ninstalling the tool$/m);
  assert.match(first.log, /^the tool says hello from build\nand GREETING is good day$/m);
  const greeting = "good day at launch of web";
  assert.equal(await bench.call(first.digest), `${greeting}|"exec.d" saw\t${greeting} \\ ü|by,default`);
  assert.match(await bench.call(first.digest, { env: { GREETING: "mine" } }), /^mine at launch of web\|/);

  const again = await build();
  assert.match(again.log, /^run 1 with the setting "of the user"\nusing the cached tool$/m);
  assert.match(again.log, /^Reusing layer 'foreign\/tool:tool'$/m);
  const sbomOf = async (digest: string): Promise<string | undefined> => {
    const { config } = await bench.config(digest);
    const label = config?.Labels?.["io.buildpacks.lifecycle.metadata"] ?? "{}";
    return (JSON.parse(label) as { sbom?: { sha: string } }).sbom?.sha;
  };
  assert.ok(await sbomOf(first.digest));
  assert.equal(await sbomOf(again.digest), await sbomOf(first.digest));
  const { config } = await bench.config(again.digest);
  assert.equal(config?.Labels?.["foreign.words"], "kept");
  const shell = await build({ defaultProcess: "shell" });
  assert.match(await bench.call(shell.digest), /\|good day at launch,profile=yes$/);

  writeFileSync(join(source, "words.txt"), "good evening\n");
  assert.match((await build()).log, /^installing the tool$/m);
}
