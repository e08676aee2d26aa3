import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { hostileZip, tarOf, zipOf } from "../../../../tests/support/archives.ts";
import { UnpackError } from "./unpack-error.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

type Unpack = typeof unpackZip;

/** Unpacks in a folder of its own and tells everything that lies there afterwards, above the target, too. */
async function tryUnpack(unpack: Unpack, archive: Buffer) {
  const place = await mkdtemp(join(tmpdir(), "homerun-unpack-"));
  const target = join(place, "target");
  await mkdir(target);
  await writeFile(join(place, "archive"), archive);
  const error: unknown = await unpack(join(place, "archive"), target, new AbortController().signal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const names = (await readdir(place, { recursive: true })).sort();
  return { place, target, error, outside: names.filter((name) => !name.startsWith("target") && name !== "archive") };
}

async function assertRefused(unpack: Unpack, archive: Buffer, message: RegExp): Promise<void> {
  const { place, error, outside } = await tryUnpack(unpack, archive);
  assert.ok(error instanceof UnpackError, String(error));
  assert.match(error.message, message);
  assert.deepEqual(outside, []);
  await rm(place, { recursive: true });
}

describe("unpackZip", () => {
  test("keeps files, folders and the right to execute", async () => {
    const archive = await zipOf({ "package.json": "{}", "lib/a.js": "a", "empty/": "" });
    const { place, target, error } = await tryUnpack(unpackZip, archive);
    assert.equal(error, undefined);
    assert.deepEqual((await readdir(target, { recursive: true })).sort(), ["empty", "lib", "lib/a.js", "package.json"]);
    assert.equal(await readFile(join(target, "lib/a.js"), "utf8"), "a");
    assert.equal((await stat(join(target, "package.json"))).mode & 0o777, 0o644);
    await rm(place, { recursive: true });
    const executable = await tryUnpack(unpackZip, await hostileZip("run", "x", 0o100755));
    assert.equal((await stat(join(executable.target, "run"))).mode & 0o777, 0o755);
    await rm(executable.place, { recursive: true });
  });

  for (const name of ["../escaped", "/tmp/escaped-absolute", "a/../../escaped", "..\\escaped", "C:/escaped"])
    test(`refuses the path ${name}`, async () => assertRefused(unpackZip, await hostileZip(name), /illegal file path/));

  test("refuses symbolic links", async () =>
    assertRefused(unpackZip, await hostileZip("link", "/etc", 0o120777), /neither a file nor a directory/));

  test("refuses what is not a zip file", async () => {
    await assertRefused(unpackZip, Buffer.from("hello"), /^zip: not a valid zip file$/);
    await assertRefused(unpackZip, Buffer.alloc(0), /^zip: not a valid zip file$/);
    const cut = (await zipOf({ a: "x".repeat(1000) })).subarray(0, 60);
    await assertRefused(unpackZip, cut, /^zip: not a valid zip file$/);
  });

  test("refuses a bomb before it has filled the disk", async () => {
    const bomb = await zipOf({ zeros: Buffer.alloc(80 * 1024 ** 2) });
    await assertRefused(unpackZip, bomb, /unpacks to more than \d+ bytes/);
  });

  test("refuses an entry that comes twice", async () => {
    const archive = await zipOf({ aa: "1", ab: "2" });
    const doubled = Buffer.from(archive.toString("latin1").replaceAll("ab", "aa"), "latin1");
    await assertRefused(unpackZip, doubled, /collide/);
  });
});

describe("unpackTar", () => {
  test("keeps files, folders and links that stay inside", async () => {
    const archive = await tarOf([
      { header: { name: "lib/", type: "directory" } },
      { header: { name: "lib/a.js", mode: 0o755 }, content: "a" },
      { header: { name: "bin/a", type: "symlink", linkname: "../lib/a.js" } },
    ]);
    const { place, target, error } = await tryUnpack(unpackTar, archive);
    assert.equal(error, undefined);
    assert.equal(await readlink(join(target, "bin/a")), "../lib/a.js");
    assert.equal(await readFile(join(target, "bin/a"), "utf8"), "a");
    assert.equal((await stat(join(target, "lib/a.js"))).mode & 0o777, 0o755);
    await rm(place, { recursive: true });
  });

  const link = (name: string, linkname: string) => ({ header: { name, type: "symlink" as const, linkname } });
  const refused = {
    "a path upwards": [{ header: { name: "../escaped" }, content: "x" }],
    "an absolute path": [{ header: { name: "/tmp/escaped-absolute" }, content: "x" }],
    "an absolute link": [link("a", "/etc")],
    "a link upwards": [link("a", "..")],
    "a link that climbs on its way": [link("x/y/a", "../../top"), link("b", "x/y/a/../..")],
    "a file below a link": [link("a", "b"), { header: { name: "a/escaped" }, content: "x" }],
    "a hard link": [{ header: { name: "a", type: "link" as const, linkname: "/etc/passwd" } }],
    "a device": [{ header: { name: "a", type: "character-device" as const } }],
  };
  for (const [what, entries] of Object.entries(refused))
    test(`refuses ${what}`, async () => assertRefused(unpackTar, await tarOf(entries), /archive|source/));

  test("refuses what is not a gzipped tar file, and bombs", async () => {
    await assertRefused(unpackTar, Buffer.from("hello"), /not a valid gzipped tar file/);
    const bomb = await tarOf([{ header: { name: "zeros" }, content: "\0".repeat(80 * 1024 ** 2) }]);
    await assertRefused(unpackTar, bomb, /unpacks to more than \d+ bytes/);
  });
});
