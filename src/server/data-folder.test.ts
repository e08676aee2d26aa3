import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempDisposableSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { takeDataFolder } from "./data-folder.ts";

test("a data folder belongs to one process, until that is killed", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "data-folder-"));
  const program = `
    const { takeDataFolder } = await import(${JSON.stringify(join(import.meta.dirname, "data-folder.ts"))});
    globalThis.kept = await takeDataFolder(${JSON.stringify(temp.path)});
    console.log("taken");
    process.stdin.resume();`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  await once(other.stdout, "data");
  await assert.rejects(takeDataFolder(temp.path), /another server runs, or starts, on/);
  other.kill("SIGKILL");
  await once(other, "exit");
  using _mine = await takeDataFolder(temp.path);
  await assert.rejects(takeDataFolder(temp.path), /another server runs/);
});

test("other users see nothing of a data folder that is open to them", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "data-folder-"));
  chmodSync(temp.path, 0o755);
  mkdirSync(join(temp.path, "layers"), { mode: 0o755 });
  using _taken = await takeDataFolder(temp.path);
  assert.equal(statSync(temp.path).mode & 0o777, 0o755);
  for (const name of ["layers", "builds", "keys"]) {
    assert.equal(statSync(join(temp.path, name)).mode & 0o777, 0o700, name);
  }
});
