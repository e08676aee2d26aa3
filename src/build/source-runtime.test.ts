import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { RUNTIMES } from "../oci/base/runtimes.ts";
import { runtimeOfSource } from "./source-runtime.ts";

const cases: readonly [files: string[], runtime: RegExp][] = [
  [["main.go"], /^go/],
  [["cmd/server/main.go", "package.json"], /^go/],
  [["node_modules/x/main.go", "package.json"], /^nodejs/],
  [["index.ts"], /^nodejs/],
  [["build.gradle.kts"], /^java/],
  [["settings.gradle"], /^java/],
  [["src/app.jar", "Hello.java"], /^java/],
  [["requirements.txt"], /^python/],
  [["app/main.py"], /^python/],
  [["README.md"], /^nodejs/],
];

for (const [files, runtime] of cases) {
  test(`${files.join(" and ")} is built by ${runtime.source.slice(1)}`, () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "source-"));
    for (const name of files) {
      mkdirSync(dirname(join(temp.path, name)), { recursive: true });
      writeFileSync(join(temp.path, name), "");
    }
    const found = runtimeOfSource(temp.path);
    assert.match(found, runtime);
    assert.ok(Object.hasOwn(RUNTIMES, found), found);
  });
}
