import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempDisposableSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../digest.ts";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { folderEntries } from "./folder-entries.ts";
import { fileEntry } from "./layer-entry.ts";
import { writeLayer } from "./write-layer.ts";

const LONG = `${"d".repeat(120)}/${"f".repeat(130)}.txt`;

function makeSource(folder: string): void {
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "d".repeat(120)));
  writeFileSync(join(folder, LONG), "long");
  writeFileSync(join(folder, "bin", "run"), "#!/bin/sh\n");
  chmodSync(join(folder, "bin", "run"), 0o755);
  writeFileSync(join(folder, "big"), Buffer.alloc(3_000_000, 7));
  linkSync(join(folder, "big"), join(folder, "big-again"));
  symlinkSync("bin/run", join(folder, "start"));
}

test("a folder becomes the same layer wherever and whenever it is written", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "layer-"));
  const digests: string[] = [];
  for (const name of ["a", "b"]) {
    const folder = join(temp.path, name);
    mkdirSync(folder);
    makeSource(folder);
    utimesSync(join(folder, "bin", "run"), 1_000 + digests.length, 2_000 + digests.length);
    const entries = folderEntries(folder, { target: "/workspace/app", uid: 33, gid: 33 });
    const layer = await writeLayer(entries, join(temp.path, `${name}.tar.gz`));
    assert.equal(layer.descriptor.digest, digestOf(readFileSync(layer.file)));
    assert.equal(layer.diffId, digestOf(gunzipSync(readFileSync(layer.file))));
    assert.equal(layer.descriptor.size, readFileSync(layer.file).byteLength);
    digests.push(layer.descriptor.digest);
  }
  assert.equal(digests[0], digests[1]);
  const listing = execFileSync(
    "tar",
    ["tvzf", join(temp.path, "a.tar.gz"), "--numeric-owner", "--full-time", "--utc"],
    {
      encoding: "utf8",
    },
  ).split("\n");
  const line = (end: string): string => listing.find((text) => text.endsWith(end)) ?? assert.fail(`no ${end}`);
  assert.match(line(" workspace/"), /^drwxr-xr-x 0\/0 .*1980-01-01 00:00:01/);
  assert.match(line(" workspace/app/"), / 33\/33 /);
  assert.match(line(" workspace/app/bin/run"), /^-rwxr-xr-x 33\/33 /);
  assert.match(line(" workspace/app/start -> bin/run"), /^lrwxrwxrwx /);
  assert.match(line("big-again link to workspace/app/big"), /^h/);
  assert.ok(line(LONG));
});

test("entries left out by the caller are not in the layer", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "layer-"));
  makeSource(temp.path);
  const paths: string[] = [];
  const options = { target: "/", uid: 0, gid: 0, exclude: (path: string) => path === "bin" };
  for await (const entry of folderEntries(temp.path, options)) paths.push(entry.path);
  assert.deepEqual(paths, ["big", "big-again", "d".repeat(120), LONG, "start"]);
});

test("a plain layer is its own diff id, and a file that shrinks while it is read fails the layer", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "layer-"));
  const layer = await writeLayer([fileEntry("etc/x", "hello")], join(temp.path, "x.tar"), "none");
  assert.equal(layer.diffId, layer.descriptor.digest);
  const short = {
    ...fileEntry("etc/x", "hello"),
    content: async function* () {
      yield Buffer.from("he");
    },
  };
  await assert.rejects(writeLayer([short], join(temp.path, "y.tar"), "none"), /Size mismatch/);
});
