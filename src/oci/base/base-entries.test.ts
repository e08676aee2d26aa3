import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDeb } from "../debian/testing/signed-archive.ts";
import type { BinaryPackage } from "../debian/packages-index.ts";
import { writeLayer } from "../layers/write-layer.ts";
import { baseEntries } from "./base-entries.ts";

const DEBS = {
  "a-tool": [
    { name: "./", type: "directory" as const },
    { name: "./lib/libtool.so.1", content: "elf", mode: 0o644 },
    { name: "./usr/lib/libtool.so", type: "symlink" as const, linkname: "libtool.so.1" },
    { name: "./usr/bin/tool", content: "elf", mode: 0o4755 },
    { name: "./usr/bin/tool2", type: "link" as const, linkname: "./usr/bin/tool" },
    { name: "./usr/share/doc/a-tool/copyright", content: "free" },
    { name: "./usr/share/doc/a-tool/changelog.gz", content: "long" },
    { name: "./usr/share/man/man1/tool.1.gz", content: "long" },
    { name: "./tmp/", type: "directory" as const, mode: 0o700 },
    { name: "./usr/share/ca-certificates/mozilla/B.crt", content: "BBB\n" },
    { name: "./usr/share/ca-certificates/mozilla/A.crt", content: "AAA\n" },
  ],
  "base-files": [
    { name: "./tmp/", type: "directory" as const, mode: 0o1777 },
    {
      name: "./usr/share/base-passwd/passwd.master",
      content: "root:*:0:0::/root:/bin/sh\nwww-data:*:33:33:www-data:/var/www:/x\n",
    },
  ],
};

test("packages become one merged tree with what their scripts would have made", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "base-"));
  const packages = await Promise.all(
    Object.entries(DEBS).map(async ([name, files]) => {
      const file = join(temp.path, `${name}.deb`);
      writeFileSync(file, await makeDeb({ files }));
      const control = new Map([
        ["package", name],
        ["version", "1"],
        ["pre-depends", "x"],
        ["sha256", "00"],
      ]);
      return { file, package: { name, version: "1", control } as unknown as BinaryPackage };
    }),
  );
  const tar = join(temp.path, "base.tar");
  await writeLayer(baseEntries(packages), tar, "none");
  const list = execFileSync("tar", ["tvf", tar, "--numeric-owner"], { encoding: "utf8" });
  const names = list
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/).slice(5).join(" "));
  const cat = (path: string): string => execFileSync("tar", ["xOf", tar, path], { encoding: "utf8" });
  assert.equal(new Set(names).size, names.length, "no path comes twice");
  assert.ok(names.includes("usr/lib/libtool.so.1") && names.includes("usr/lib/libtool.so -> libtool.so.1"));
  assert.ok(names.includes("usr/bin/tool2 link to usr/bin/tool"));
  assert.ok(names.includes("usr/share/doc/a-tool/copyright"));
  assert.ok(!names.some((name) => /changelog|man1/.test(name)));
  assert.match(list, /^drwxrwxrwt .* tmp\/$/m);
  assert.match(list, /^-rwsr-xr-x .* usr\/bin\/tool$/m);
  assert.match(list, /^drwxr-xr-x 33\/33 .* workspace\/$/m);
  assert.equal(cat("etc/ssl/certs/ca-certificates.crt"), "AAA\nBBB\n");
  assert.match(cat("etc/passwd"), /^www-data:\*:33:33:www-data:\/www-data-home:\/x$/m);
  assert.equal(
    cat("var/lib/dpkg/status").split("\n\n")[0],
    "Package: a-tool\nStatus: install ok installed\nVersion: 1\nPre-Depends: x",
  );
});
