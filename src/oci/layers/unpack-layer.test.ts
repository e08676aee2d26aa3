import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import { pack, type Header } from "tar-stream";
import { digestOf } from "../digest.ts";
import { folderEntries } from "./folder-entries.ts";
import { UnsafeLayerError } from "./safe-path.ts";
import { unpackLayer } from "./unpack-layer.ts";
import { writeLayer } from "./write-layer.ts";

type Entry = Partial<Header> & { name: string; content?: string };

async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ mtime: new Date(1e12), ...header }, content ?? "");
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as unknown as AsyncIterable<Buffer>));
}

async function unpack(bytes: Buffer, folder: string, limits?: { maxBytes: number; maxEntries: number }) {
  return unpackLayer(Readable.from([bytes]), folder, limits);
}

const simple: Entry[] = [
  { name: "etc/", type: "directory", mode: 0o750, uid: 1, gid: 2 },
  { name: "etc/motd", mode: 0o644, uid: 33, gid: 34, content: "hello" },
  { name: "bin/su", mode: 0o4755, content: "x" },
  { name: "./etc/link", type: "symlink", linkname: "../../../outside" },
  { name: "/etc/again", type: "link", linkname: "/etc/motd" },
  { name: "dev/null", type: "character-device", devmajor: 1, devminor: 3 },
];

test("plain, gzip and zstd layers unpack to the same tree with owners, modes, times and links", async () => {
  const archive = await tar(simple);
  for (const bytes of [archive, gzipSync(archive), zstdCompressSync(archive)]) {
    using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
    const result = await unpack(bytes, temp.path);
    assert.equal(result.diffId, digestOf(archive));
    const motd = lstatSync(join(temp.path, "etc/motd"));
    assert.deepEqual([motd.uid, motd.gid, motd.mode & 0o7777, motd.mtimeMs, motd.nlink], [33, 34, 0o644, 1e12, 2]);
    const etc = lstatSync(join(temp.path, "etc"));
    assert.deepEqual([etc.uid, etc.gid, etc.mode & 0o7777, etc.mtimeMs], [1, 2, 0o750, 1e12]);
    assert.equal(lstatSync(join(temp.path, "bin/su")).mode & 0o7777, 0o4755);
    assert.ok(lstatSync(join(temp.path, "etc/link")).isSymbolicLink());
    assert.equal(existsSync(join(temp.path, "dev/null")), false);
  }
});

test("whatever an archive says, nothing is written outside the folder", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
  const attack = async (name: string, entries: Entry[]): Promise<void> => {
    const folder = join(temp.path, name);
    mkdirSync(folder);
    await unpack(await tar(entries), folder);
  };
  await assert.rejects(attack("dots", [{ name: "../evil", content: "x" }]), UnsafeLayerError);
  await assert.rejects(attack("middle", [{ name: "a/../../evil", content: "x" }]), UnsafeLayerError);
  await assert.rejects(attack("hard", [{ name: "x", type: "link", linkname: "../../etc/passwd" }]), UnsafeLayerError);
  await assert.rejects(attack("missing", [{ name: "x", type: "link", linkname: "etc/passwd" }]), UnsafeLayerError);
  await assert.rejects(
    attack("through", [
      { name: "l", type: "symlink", linkname: "/etc" },
      { name: "x", type: "link", linkname: "l/passwd" },
    ]),
    UnsafeLayerError,
  );
  await assert.rejects(
    attack("loop", [
      { name: "a", type: "symlink", linkname: "b" },
      { name: "b", type: "symlink", linkname: "a" },
      { name: "a/x", content: "x" },
    ]),
    UnsafeLayerError,
  );
  await attack("up", [
    { name: "up", type: "symlink", linkname: "../.." },
    { name: "up/evil", content: "x" },
  ]);
  await attack("absolute", [
    { name: "out", type: "symlink", linkname: temp.path },
    { name: "out/evil", content: "x" },
    { name: "evil-wh", content: "x" },
    { name: "out/.wh.dots", content: "" },
  ]);
  assert.ok(existsSync(join(temp.path, "up/evil")));
  assert.ok(existsSync(join(temp.path, "absolute", temp.path, "evil")));
  assert.equal(existsSync(join(temp.path, "evil")), false);
  assert.ok(lstatSync(join(temp.path, "dots")).isDirectory());
});

test("a later symbolic link in place of a folder is not followed by what is written to the folder's path", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
  await unpack(
    await tar([
      { name: "d/", type: "directory" },
      { name: "d/x", content: "1" },
      { name: "d", type: "symlink", linkname: "/etc" },
      { name: "d", content: "file now" },
    ]),
    temp.path,
  );
  assert.equal(readFileSync(join(temp.path, "d"), "utf8"), "file now");
});

test("a later symbolic link in place of a folder is not followed by the folder's whiteouts", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
  const [outside, folder] = [join(temp.path, "outside"), join(temp.path, "layer")];
  mkdirSync(join(outside, "sub"), { recursive: true });
  mkdirSync(folder);
  // Attributes change this time, too.
  const { ctimeMs } = lstatSync(join(outside, "sub"));
  const entries: Entry[] = [
    { name: "a/.wh.gone" },
    { name: "a/sub/.wh..wh..opq" },
    { name: "a/sub/.wh.deeper" },
    { name: "kept/.wh.gone" },
    { name: "a", type: "symlink", linkname: outside },
  ];
  await unpack(await tar(entries), folder);
  assert.deepEqual(readdirSync(outside, { recursive: true }), ["sub"]);
  assert.equal(lstatSync(join(outside, "sub")).ctimeMs, ctimeMs);
  assert.ok(lstatSync(join(folder, "kept", "gone")).isCharacterDevice());
});

test("bombs stop at the limits, damaged and cut archives fail", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
  const zeros = Readable.from(
    (function* () {
      for (let i = 0; i < 64; i++) yield Buffer.alloc(1024 * 1024);
    })(),
  ).pipe(createGzip());
  const limits = { maxBytes: 8 * 1024 * 1024, maxEntries: 3 };
  await assert.rejects(unpackLayer(zeros, temp.path, limits));
  await assert.rejects(unpack(await tar(simple), temp.path, limits), /more than 3 entries/);
  const big = await tar([{ name: "big", content: "x".repeat(9 * 1024 * 1024) }]);
  await assert.rejects(unpack(gzipSync(big), temp.path, limits), /more than 8388608 bytes/);
  const good = gzipSync(await tar(simple));
  await assert.rejects(unpack(good.subarray(0, good.length - 30), temp.path));
  const plain = await tar(simple);
  await assert.rejects(unpack(plain.subarray(0, 1700), temp.path));
});

test("whiteouts hide what lies below in a real overlay", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
  const [lower, upper, merged] = ["lower", "upper", "merged"].map((name) => join(temp.path, name));
  for (const folder of [lower!, upper!, merged!]) mkdirSync(folder);
  await unpack(
    await tar([
      { name: "keep", content: "1" },
      { name: "gone", content: "1" },
      { name: "gone-dir/a", content: "1" },
      { name: "opaque/old", content: "1" },
      { name: "replaced/old", content: "1" },
    ]),
    lower!,
  );
  await unpack(
    await tar([
      { name: ".wh.gone", content: "" },
      { name: ".wh.gone-dir", content: "" },
      { name: "opaque/", type: "directory", mode: 0o700, uid: 7 },
      { name: "opaque/new", content: "2" },
      { name: "opaque/.wh..wh..opq", content: "" },
      { name: ".wh.replaced", content: "" },
      { name: "replaced/new", content: "2" },
      { name: ".wh..wh.plnk/1", content: "" },
    ]),
    upper!,
  );
  execFileSync("mount", ["-t", "overlay", "overlay", "-o", `lowerdir=${upper}:${lower}`, merged!]);
  try {
    const names = execFileSync("find", [".", "-mindepth", "1"], { cwd: merged!, encoding: "utf8" }).trim().split("\n");
    assert.deepEqual(names.sort(), ["./keep", "./opaque", "./opaque/new", "./replaced", "./replaced/new"]);
    assert.deepEqual(
      [lstatSync(join(merged!, "opaque")).mode & 0o777, lstatSync(join(merged!, "opaque")).uid],
      [0o700, 7],
    );
  } finally {
    execFileSync("umount", [merged!]);
  }
});

test("what writeLayer writes, unpackLayer reads", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "unpack-"));
  const target = join(temp.path, "out");
  mkdirSync(target);
  const source = folderEntries(import.meta.dirname, { target: "/workspace", uid: 33, gid: 33 });
  const layer = await writeLayer(source, join(temp.path, "l.tar.gz"));
  const result = await unpackLayer(createReadStream(layer.file), target);
  assert.equal(result.diffId, layer.diffId);
  assert.equal(execFileSync("diff", ["-r", import.meta.dirname, join(target, "workspace")], { encoding: "utf8" }), "");
});
