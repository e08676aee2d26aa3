import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { blobsSuite } from "./blobs-suite.ts";
import { fileBlobs } from "./file-blobs.ts";

const makeFolder = () => mkdtemp(join(tmpdir(), "homerun-blobs-"));

blobsSuite("files", async () => {
  const folder = await makeFolder();
  return {
    open: async () => fileBlobs(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});

test("a process killed in the middle of a put leaves nothing, and the next one tidies up", async () => {
  const folder = await makeFolder();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", endlessPut(folder)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal((await readdir(join(folder, "partial"))).length, 1);
  const blobs = fileBlobs(folder);
  assert.deepEqual(await readdir(join(folder, "partial")), []);
  assert.deepEqual(await Array.fromAsync(blobs.list("")), ["before"]);
  await rm(folder, { recursive: true });
});

test("the local path leads to the content", async () => {
  const folder = await makeFolder();
  const blobs = fileBlobs(folder);
  await blobs.put("layers/sha256=1", Buffer.from("content"));
  assert.equal(readFileSync(blobs.localPath("layers/sha256=1") ?? "", "utf8"), "content");
  await rm(folder, { recursive: true });
});

/** A program that puts "before" whole, then "half" without end, and says when half of it is written. */
function endlessPut(folder: string): string {
  return `
    import { Readable } from "node:stream";
    import { fileBlobs } from ${JSON.stringify(new URL("file-blobs.ts", import.meta.url).href)};
    const blobs = fileBlobs(${JSON.stringify(folder)});
    await blobs.put("before", Buffer.from("x"));
    async function* endless() {
      yield Buffer.alloc(100_000);
      process.stdout.write("half-way");
      for (;;) yield Buffer.alloc(10);
    }
    await blobs.put("half", Readable.from(endless()));
  `;
}
