import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { BuildContext } from "../context.ts";
import { trimCaches } from "./trim-caches.ts";

test("a cache of compiled packages loses its oldest files, one of modules all, and only once an hour", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "gocache-"));
  const [GOCACHE, GOMODCACHE] = [join(temp.path, "build"), join(temp.path, "mod")];
  const commands: string[] = [];
  const exec = (command: readonly string[]) => Promise.resolve({ stdout: String(commands.push(command.join(" "))) });
  const context = { env: { GOCACHE, GOMODCACHE }, log() {}, exec } as unknown as BuildContext;
  const limits = { build: 25, modules: 5 };
  await trimCaches(context, 1e12, limits);
  for (const folder of ["build/00", "mod/cache"]) mkdirSync(join(temp.path, folder), { recursive: true });
  writeFileSync(join(GOMODCACHE, "cache", "zip"), "123456");
  for (const [index, name] of ["old-d", "older-a", "new-d", "newer-a"].entries()) {
    writeFileSync(join(GOCACHE, "00", name), "0123456789");
    utimesSync(join(GOCACHE, "00", name), 1000 + (index ^ 1), 1000 + (index ^ 1));
  }
  const now = Date.now();
  await trimCaches(context, now, limits);
  assert.deepEqual(readdirSync(join(GOCACHE, "00")).sort(), ["new-d", "newer-a"]);
  assert.deepEqual(commands, ["go clean -modcache"]);
  await trimCaches(context, now + 1000, { build: 0, modules: 0 });
  assert.equal(readdirSync(join(GOCACHE, "00")).length, 2);
  await trimCaches(context, now + 2 * 60 * 60 * 1000, { build: 0, modules: 5 });
  assert.deepEqual(readdirSync(join(GOCACHE, "00")), []);
  assert.equal(commands.length, 2);
});
