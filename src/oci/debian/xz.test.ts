import assert from "node:assert/strict";
import { test } from "node:test";
import { Readable } from "node:stream";
import { findProgram } from "../find-program.ts";
import { decompressXz } from "./xz.ts";

const HELLO = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAWAAtdADQZSe6N6VYKteAAAACJQ9vqAzTk0AABJxeJgpB5H7bzfQEAAAAABFla",
  "base64",
);

async function decompress(bytes: Buffer, program: string | null): Promise<string> {
  const chunks = await Array.fromAsync(decompressXz(Readable.from([bytes]), program));
  return Buffer.concat(chunks).toString();
}

test("xz data is decompressed with and without the host's program, and damage is noticed", async () => {
  for (const program of new Set([findProgram("xz") ?? null, null])) {
    assert.equal(await decompress(HELLO, program), "hello hello hello hello");
    const damaged = Buffer.from(HELLO);
    damaged[40]! ^= 0xff;
    await assert.rejects(decompress(damaged, program));
    await assert.rejects(decompress(HELLO.subarray(0, 40), program));
  }
});
