import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LayerArchive, LifecycleResult } from "./lifecycle/exchange.ts";
import { InvalidResultError, readBuilderError, readResult } from "./read-result.ts";

const DIFF_ID = `sha256:${"1".repeat(64)}`;
const FILE = `sha256-${"1".repeat(64)}.tar.gz`;
const ARCHIVE: LayerArchive = {
  diffId: DIFF_ID,
  createdBy: "test",
  launch: true,
  cache: false,
  blob: { file: FILE, digest: DIFF_ID, size: 3 },
};
const RESULT: LifecycleResult = {
  phases: [],
  group: [],
  processes: [],
  labels: [],
  buildpacks: [],
  archives: [ARCHIVE],
  sboms: [],
  app: [DIFF_ID],
  launcher: DIFF_ID,
  config: DIFF_ID,
};

function read(change: (folder: string) => void, result: object = RESULT, known: string[] = []): LifecycleResult {
  using temp = mkdtempDisposableSync(join(tmpdir(), "result-"));
  writeFileSync(join(temp.path, FILE), "abc");
  writeFileSync(join(temp.path, "result.json"), JSON.stringify(result));
  change(temp.path);
  return readResult(temp.path, (diffId) => known.includes(diffId));
}

const nothing = (): void => {};
const withArchive = (change: Partial<LayerArchive>): object => ({ ...RESULT, archives: [{ ...ARCHIVE, ...change }] });

test("an honest result is read as it is", () => {
  assert.deepEqual(read(nothing), RESULT);
});

test("a layer of the previous build needs no file, but must be known", () => {
  const { blob: _, ...reused } = ARCHIVE;
  const result = { ...RESULT, archives: [reused] };
  assert.deepEqual(read(nothing, result, [DIFF_ID]), result);
  assert.throws(() => read(nothing, result), InvalidResultError);
});

const forged: Record<string, object> = {
  "leads out of the folder": withArchive({ blob: { ...ARCHIVE.blob!, file: "../../etc/passwd" } }),
  "lies about the size": withArchive({ blob: { ...ARCHIVE.blob!, size: 4 } }),
  "has a digest that is none": withArchive({ blob: { ...ARCHIVE.blob!, digest: "sha256:x" } }),
  "has a diff id that is none": withArchive({ diffId: "sha256:../x" }),
  "names an application layer without archive": { ...RESULT, app: [`sha256:${"2".repeat(64)}`] },
  "has a process type that is a path": { ...RESULT, processes: [{ type: "../web" }] },
  "has a buildpack that is a path": { ...RESULT, buildpacks: [{ key: "..", version: "1", layers: {} }] },
  "has a buildpack without a name": { ...RESULT, buildpacks: [{ version: "1", layers: {} }] },
  "has a layer that is a path": {
    ...RESULT,
    buildpacks: [{ key: "a", version: "1", layers: { "../b": { sha: DIFF_ID } } }],
  },
  "has a layer that is nothing": { ...RESULT, buildpacks: [{ key: "a", version: "1", layers: { b: null } }] },
  "has a label that is nothing": { ...RESULT, labels: [null] },
  "lacks a list": { ...RESULT, group: undefined },
};

for (const [what, result] of Object.entries(forged)) {
  test(`a result is refused that ${what}`, () => {
    assert.throws(() => read(nothing, result), InvalidResultError);
  });
}

test("a result that is not JSON, and a layer that is a folder, are refused", () => {
  assert.throws(() => read((folder) => writeFileSync(join(folder, "result.json"), "{")), /not JSON/);
  const replace = (folder: string): void => {
    rmSync(join(folder, FILE));
    mkdirSync(join(folder, FILE));
  };
  assert.throws(() => read(replace), InvalidResultError);
});

test("links in place of the result or of a layer are not followed", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "result-"));
  const outside = join(temp.path, "outside.json");
  writeFileSync(outside, JSON.stringify(RESULT));
  const output = join(temp.path, "output");
  mkdirSync(output);
  symlinkSync(outside, join(output, "result.json"));
  assert.throws(() => readResult(output, () => true), InvalidResultError);
});

test("the error of a buildpack is read if it is there and has a message", () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "result-"));
  assert.equal(readBuilderError(temp.path), undefined);
  mkdirSync(join(temp.path, "builder-output"));
  writeFileSync(join(temp.path, "builder-output", "output"), '{"error":{"errorMessage":"why","errorId":"01234567"}}');
  assert.equal(readBuilderError(temp.path)?.errorMessage, "why");
  writeFileSync(join(temp.path, "builder-output", "output"), "nonsense");
  assert.equal(readBuilderError(temp.path), undefined);
});
