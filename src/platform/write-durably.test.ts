import assert from "node:assert/strict";
import { mkdtempDisposableSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeDurably } from "./write-durably.ts";

test("a file is replaced whole, with its mode, over what a killed writer left", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "write-durably-"));
  const path = join(temp.path, "key.pem");
  writeFileSync(`${path}.new`, "half of somethi");
  await writeDurably(path, "first");
  await writeDurably(path, "second");
  assert.equal(readFileSync(path, "utf8"), "second");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(temp.path), ["key.pem"]);
  await writeDurably(join(temp.path, "public"), "x", 0o644);
  assert.equal(statSync(join(temp.path, "public")).mode & 0o777, 0o644);
});
