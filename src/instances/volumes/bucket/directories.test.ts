import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../platform/clock.ts";
import { ROOT_NODE } from "../fuse/protocol.ts";
import type { BucketContext } from "./context.ts";
import { bucketDirectories } from "./directories.ts";
import { parseMountOptions } from "./mount-options.ts";
import { Nodes } from "./nodes.ts";
import type { ListQuery, Objects } from "./objects.ts";
import { statCache } from "./stat-cache.ts";

/** A folder whose objects come in pages of two, and which pages were asked for. */
function folderOf(names: readonly string[]) {
  const asked: (string | undefined)[] = [];
  const list = async ({ pageToken }: ListQuery) => {
    asked.push(pageToken);
    const start = Number(pageToken ?? 0);
    const items = names.slice(start, start + 2).map((name) => ({ name, size: "1", generation: "1", updated: "" }));
    return { items, ...(start + 2 < names.length && { nextPageToken: String(start + 2) }) };
  };
  const options = parseMountOptions([]);
  const context: BucketContext = {
    objects: { list } as Partial<Objects> as Objects,
    options,
    nodes: new Nodes(""),
    cache: statCache(systemClock, options),
    clock: systemClock,
    stagingFolder: "",
    startedAtMs: 0,
  };
  return { asked, context, directories: bucketDirectories(context) };
}

test("a folder is listed page by page, as far as it is read, and again from the beginning", async () => {
  const { asked, context, directories } = folderOf(["a", "b", "c", "d", "e"]);
  const handle = await directories.openDirectory(ROOT_NODE);
  const read = async (position: number) => (await directories.readDirectory(handle, position)).map(({ name }) => name);
  assert.deepEqual(await read(0), [".", ".."]);
  assert.deepEqual(asked, []);
  assert.deepEqual(await read(2), ["a", "b"]);
  assert.deepEqual(await read(3), ["b"]);
  assert.deepEqual(asked, [undefined]);
  assert.deepEqual(await read(4), ["c", "d"]);
  assert.deepEqual(await read(6), ["e"]);
  assert.deepEqual(await read(7), []);
  assert.deepEqual(asked, [undefined, "2", "4"]);
  assert.equal(context.cache.get("e")?.kind, "file");
  await read(0);
  assert.deepEqual(await read(2), ["a", "b"]);
  directories.releaseDirectory(handle);
});

test("names that Linux does not take are left out", async () => {
  const { directories } = folderOf([".", "..", "", "x".repeat(256), "good", "a/b"]);
  const handle = await directories.openDirectory(ROOT_NODE);
  const all = [];
  for (let position = 2; ; position = all.length + 2) {
    const entries = await directories.readDirectory(handle, position);
    if (entries.length === 0) break;
    all.push(...entries.map(({ name }) => name));
  }
  assert.deepEqual(all, ["good"]);
});
