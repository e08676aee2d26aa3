import assert from "node:assert/strict";
import { test } from "node:test";
import { objectReader } from "./object-reader.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** An object of bytes that tell their offset, and the ranges that were fetched of it. */
function readerOf(size: number) {
  const content = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) content.writeUInt32LE(at, at);
  const fetched: [start: number, length: number][] = [];
  const read = async (_: unknown, start: number, length: number) => {
    fetched.push([start, length]);
    return content.subarray(start, start + length);
  };
  const object = { name: "o", size: String(size), generation: "1", updated: "" };
  return { content, fetched, reader: objectReader({ read }, object) };
}

test("reading in order fetches ever larger parts, each once, and one ahead", async () => {
  const { content, fetched, reader } = readerOf(20 * MIB);
  for (let at = 0; at < content.length; at += 128 * KIB) {
    assert.ok((await reader.read(at, 128 * KIB)).equals(content.subarray(at, at + 128 * KIB)));
  }
  assert.deepEqual(
    fetched.map(([, length]) => length / MIB),
    [1, 2, 4, 4, 4, 4, 1],
  );
  assert.equal((await reader.read(content.length, 10)).length, 0);
});

test("reading here and there fetches little", async () => {
  const { content, fetched, reader } = readerOf(100 * MIB);
  for (const at of [50 * MIB, 10 * MIB, 90 * MIB, 30 * MIB]) {
    assert.ok((await reader.read(at, 4 * KIB)).equals(content.subarray(at, at + 4 * KIB)));
  }
  assert.deepEqual(new Set(fetched.map(([, length]) => length)), new Set([32 * KIB]));
});

test("read-ahead that comes out of order is in order", async () => {
  const { content, fetched, reader } = readerOf(2 * MIB);
  const places = [128, 0, 384, 256].map((at) => at * KIB);
  const parts = await Promise.all(places.map((at) => reader.read(at, 128 * KIB)));
  for (const [index, at] of places.entries()) assert.ok(parts[index]!.equals(content.subarray(at, at + 128 * KIB)));
  assert.ok(fetched.length <= 3, String(fetched));
});

test("what failed is fetched again", async () => {
  let calls = 0;
  const read = async (_: unknown, __: number, length: number) => {
    if (++calls === 1) throw new Error("broken");
    return Buffer.alloc(length, 7);
  };
  const reader = objectReader({ read }, { name: "o", size: "10", generation: "1", updated: "" });
  await assert.rejects(reader.read(0, 10), /broken/);
  assert.deepEqual(await reader.read(0, 10), Buffer.alloc(10, 7));
});
