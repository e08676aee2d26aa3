import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeArchive } from "./archive.ts";
import { folderEntries, parentEntries } from "./tar.ts";

test("archives hold every kind of entry, long and foreign names, and depend on nothing but the content", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "tar-"));
  const folder = join(temp.path, "in");
  const long = `${"d".repeat(140)}/${"f".repeat(120)}`;
  const longLink = `${"t".repeat(160)}/ü`;
  mkdirSync(join(folder, "d".repeat(140)), { recursive: true });
  writeFileSync(join(folder, long), "long");
  writeFileSync(join(folder, "größe"), "umlaut");
  writeFileSync(join(folder, "run"), "#!/bin/sh\n");
  chmodSync(join(folder, "run"), 0o755);
  writeFileSync(join(folder, "big"), Buffer.alloc(2_500_001, 7));
  linkSync(join(folder, "big"), join(folder, "same"));
  symlinkSync(longLink, join(folder, "link"));
  mkdirSync(join(folder, "left-out", "x"), { recursive: true });
  const pieces = (): Iterable<Buffer> => folderEntries(folder, { uid: 33, gid: 34 }, new Set(["left-out"]));
  const archive = await writeArchive(temp.path, pieces());
  const out = join(temp.path, "out");
  mkdirSync(out);
  execFileSync("tar", ["xzf", join(temp.path, archive.blob.file), "-C", out, "--no-same-owner"]);
  execFileSync("rm", ["-r", join(folder, "left-out")]);
  execFileSync("diff", ["-r", "--no-dereference", folder, join(out, folder)]);
  const listing = execFileSync("tar", [
    "tvzf",
    join(temp.path, archive.blob.file),
    "--numeric-owner",
    "--utc",
    "--full-time",
  ]);
  assert.match(listing.toString(), /^-rwxr-xr-x 33\/34 +10 1980-01-01 00:00:01 .*\/run$/m);
  assert.match(listing.toString(), /^h.* link to .*\/big$/m);
  const again = await writeArchive(temp.path, pieces());
  assert.deepEqual(again, archive);
});

test("parents of a path are directories of root", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "tar-"));
  const { blob } = await writeArchive(temp.path, parentEntries("/a/b/c"));
  const listing = execFileSync("tar", ["tvzf", join(temp.path, blob.file)], { encoding: "utf8" });
  assert.deepEqual(listing.match(/^drwxr-xr-x .* (a\/|a\/b\/)$/gm)?.length, 2);
});
