import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const CHILD = join(import.meta.dirname, "sigkill-child.ts");
const EVERY_NTH_BOUNDARY = 6;

/** Runs a process until it says its first line; kills it then. */
async function runUntilFirstLine(folder: string, boundary: number, number: number): Promise<string> {
  const child = spawn(process.execPath, [CHILD, folder, String(boundary), String(number)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const first = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  child.kill("SIGKILL");
  await exited;
  assert.ok(!first.done, "the process ended by itself");
  return first.value;
}

async function inFolder<Result>(body: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-sigkill-"));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a process that is killed for real leaves work that the next one brings to the same end", async () => {
  const calm = await inFolder((folder) => runUntilFirstLine(folder, -1, 1));
  const [boundaries, expected] = JSON.parse(calm) as [number, unknown];
  assert.ok(boundaries > 20);
  for (let boundary = 0; boundary < boundaries; boundary += EVERY_NTH_BOUNDARY) {
    await inFolder(async (folder) => {
      assert.equal(await runUntilFirstLine(folder, boundary, 1), "stopped");
      const [, end] = JSON.parse(await runUntilFirstLine(folder, -1, 2)) as [number, unknown];
      assert.deepEqual(end, expected, `killed at boundary ${boundary}`);
    });
  }
});
