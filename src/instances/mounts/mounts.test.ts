import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { MountedVolume } from "../volumes/volumes.ts";
import { makeSharedFolder, mount, removeMounts, removeUnmounted } from "./host-mounts.ts";
import { bindSubPath } from "./sub-path.ts";

const folder = mkdtempSync(join(tmpdir(), "homerun mounts-"));
const source = join(folder, "volume");
const outside = join(folder, "outside");
const volume: MountedVolume = { source, readOnly: false, [Symbol.asyncDispose]: async () => undefined };

before(async () => {
  await Promise.all([makeSharedFolder(folder), makeSharedFolder(folder)]);
  await makeSharedFolder(folder);
  for (const path of [source, outside]) mkdirSync(path);
  writeFileSync(join(outside, "secret"), "not yours");
});

after(() => removeMounts(folder));

test("a path below the volume is bound; a folder is made where there is none", async () => {
  const target = join(folder, "bound");
  {
    await using bound = await bindSubPath(volume, "a/b", target);
    assert.equal(statSync(bound.source).mode & 0o777, 0o777);
    writeFileSync(join(bound.source, "file"), "content");
  }
  assert.equal(readFileSync(join(source, "a/b/file"), "utf8"), "content");
  await using file = await bindSubPath({ ...volume, readOnly: true }, "a/b/file", join(folder, "file"));
  assert.equal(readFileSync(file.source, "utf8"), "content");
  await assert.rejects(bindSubPath({ ...volume, readOnly: true }, "none", join(folder, "none")), /ENOENT/);
});

test("no path leads out of the volume", async () => {
  symlinkSync(outside, join(source, "link"));
  symlinkSync("a", join(source, "inside"));
  const target = join(folder, "escape");
  for (const path of ["link", "link/secret", "../outside", "a/../../outside", "/../outside"])
    await assert.rejects(bindSubPath(volume, path, target), /leads out of its volume/, path);
  await assert.rejects(bindSubPath(volume, "link/made", target), /ENOENT/);
  assert.equal(existsSync(join(outside, "made")), false);
  assert.equal(existsSync(target), false);
  await using bound = await bindSubPath(volume, "inside/b", target);
  assert.equal(readFileSync(join(bound.source, "file"), "utf8"), "content");
});

test("a shared folder is mounted once, however often it is asked for", () => {
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.split(" ")[4] === folder.replaceAll(" ", "\\040"));
  assert.equal(mounted.length, 1);
  assert.match(mounted[0] ?? "", / shared:\d+ /);
});

test("a folder with something mounted in it is not emptied", async () => {
  const point = join(folder, "data");
  mkdirSync(point);
  await mount("tmpfs", point, "tmpfs", ["size=1m"]);
  writeFileSync(join(point, "precious"), "");
  chmodSync(point, 0o755);
  await assert.rejects(removeUnmounted(point), /is mounted still/);
  assert.equal(existsSync(join(point, "precious")), true);
  await removeMounts(point);
  assert.equal(existsSync(point), false);
});
