import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import { BlobNotFoundError, type Blobs, BlobOffsetError } from "./blobs.ts";

/** A place where blobs can be opened again and again; empty at first, removed when disposed. */
export interface BlobsPlace extends AsyncDisposable {
  open(): Promise<Blobs>;
}

async function keys(blobs: Blobs, prefix = ""): Promise<string[]> {
  return Array.fromAsync(blobs.list(prefix));
}

/** A stream of `chunks` that then fails. */
function breakingOff(...chunks: string[]): Readable {
  return Readable.from(
    (async function* () {
      yield* chunks.map((chunk) => Buffer.from(chunk));
      throw new Error("connection lost");
    })(),
  );
}

const promises: Readonly<Record<string, (blobs: Blobs, place: BlobsPlace) => Promise<void>>> = {
  "what was put comes back, from a buffer and from a stream": async (blobs, place) => {
    const large = Buffer.alloc(3_000_000, "0123456789abcdef");
    assert.deepEqual(await blobs.put("a/buffer", Buffer.from("hello")), { sizeBytes: 5 });
    assert.deepEqual(await blobs.put("a/stream", Readable.from([large, large])), { sizeBytes: 6_000_000 });
    assert.deepEqual(await blobs.put("empty", Readable.from([])), { sizeBytes: 0 });
    const again = await place.open();
    assert.equal(await text(await again.open("a/buffer")), "hello");
    assert.ok((await buffer(await again.open("a/stream"))).equals(Buffer.concat([large, large])));
    assert.deepEqual(await again.stat("a/stream"), { sizeBytes: 6_000_000 });
    assert.equal(await text(await again.open("empty")), "");
  },

  "a second put replaces the first; who reads the first reads on": async (blobs) => {
    await blobs.put("k", Buffer.from("first"));
    const reading = await blobs.open("k");
    await blobs.put("k", Buffer.from("second"));
    assert.equal(await text(reading), "first");
    assert.equal(await text(await blobs.open("k")), "second");
  },

  "nothing of a put is visible before its end, or after a failure": async (blobs) => {
    let seen: unknown = "not looked";
    const content = async function* () {
      yield Buffer.from("half");
      seen = [await blobs.stat("k"), await keys(blobs)];
      yield Buffer.from("whole");
    };
    await blobs.put("k", Readable.from(content()));
    assert.deepEqual(seen, [undefined, []]);
    await assert.rejects(blobs.put("k", breakingOff("new")), /connection lost/);
    await assert.rejects(blobs.put("other", breakingOff("new")), /connection lost/);
    assert.equal(await text(await blobs.open("k")), "halfwhole");
    assert.deepEqual(await keys(blobs), ["k"]);
  },

  "a range is read with both ends included": async (blobs) => {
    await blobs.put("k", Buffer.from("0123456789"));
    assert.equal(await text(await blobs.open("k", { start: 2, end: 4 })), "234");
    assert.equal(await text(await blobs.open("k", { start: 7 })), "789");
    assert.equal(await text(await blobs.open("k", { start: 8, end: 99 })), "89");
    assert.equal(await text(await blobs.open("k", { start: 10 })), "");
  },

  "absent content is said to be absent": async (blobs) => {
    await blobs.put("a/b", Buffer.from("x"));
    for (const key of ["nothing", "a", "a/b/c"]) {
      await assert.rejects(blobs.open(key), BlobNotFoundError);
      assert.equal(await blobs.stat(key), undefined);
      await blobs.delete(key);
    }
    assert.deepEqual(await keys(blobs), ["a/b"]);
  },

  "a deleted key is gone, its neighbours are not": async (blobs) => {
    for (const key of ["a/b/c/d", "a/b", "a/bc"]) await blobs.put(key, Buffer.from(key));
    await blobs.delete("a/b/c/d");
    assert.deepEqual(await keys(blobs), ["a/b", "a/bc"]);
    await blobs.delete("a/b");
    await blobs.delete("a/bc");
    assert.deepEqual(await keys(blobs), []);
  },

  "keys are listed in the order of their bytes, by prefix": async (blobs) => {
    const all = ["a", "a-b", "a.b", "a/-", "a/b/c", "a/b/d", "a0", "aB", "a_", "b/a", "b=1"];
    for (const key of all.toReversed()) await blobs.put(key, Buffer.from(key));
    assert.deepEqual(await keys(blobs), all);
    assert.deepEqual(await keys(blobs, "a/"), ["a/-", "a/b/c", "a/b/d"]);
    assert.deepEqual(await keys(blobs, "a/b"), ["a/b/c", "a/b/d"]);
    assert.deepEqual(await keys(blobs, "a."), ["a.b"]);
    assert.deepEqual(await keys(blobs, "nothing/here"), []);
  },

  "keys that could leave the place are refused by every method": async (blobs) => {
    const bad = [
      "",
      "/",
      "/a",
      "a/",
      "a//b",
      ".",
      "..",
      "a/../b",
      "../x",
      "a/./b",
      "a b",
      "a\0",
      "a\\b",
      "ä",
      "a~",
      "%2e",
    ];
    for (const key of [...bad, "x".repeat(201), Array(600).fill("xx").join("/")]) {
      await assert.rejects(blobs.put(key, Buffer.from("x")), TypeError, key);
      await assert.rejects(blobs.append(key, 0, Buffer.from("x")), TypeError, key);
      await assert.rejects(blobs.open(key), TypeError, key);
      await assert.rejects(blobs.stat(key), TypeError, key);
      await assert.rejects(blobs.delete(key), TypeError, key);
      assert.throws(() => blobs.localPath(key), TypeError, key);
    }
    await assert.rejects(keys(blobs, "../"), TypeError);
    await assert.rejects(keys(blobs, "a/../../b"), TypeError);
    const good = ["...", ".hidden", "-", "x".repeat(200), "sha256=abc/A.b_c-9"];
    for (const key of good) await blobs.put(key, Buffer.from("x"));
    assert.deepEqual((await keys(blobs)).toSorted(), good.toSorted());
  },

  "appended content grows from the offset that was asked for, nowhere else": async (blobs, place) => {
    assert.deepEqual(await blobs.append("log", 0, Buffer.from("one ")), { sizeBytes: 4 });
    assert.deepEqual(await blobs.append("log", 4, Readable.from([Buffer.from("two "), "three"])), { sizeBytes: 13 });
    for (const offset of [0, 12, 14]) {
      const wrong = blobs.append("log", offset, Buffer.from("x"));
      await assert.rejects(wrong, (error) => error instanceof BlobOffsetError && error.sizeBytes === 13);
    }
    await assert.rejects(blobs.append("absent", 1, Buffer.from("x")), BlobOffsetError);
    assert.equal(await blobs.stat("absent"), undefined);
    assert.equal(await text(await (await place.open()).open("log")), "one two three");
  },

  "of an append that breaks off, what had arrived stays": async (blobs) => {
    await blobs.append("upload", 0, Buffer.from("0123"));
    await assert.rejects(blobs.append("upload", 4, breakingOff("45", "67")), /connection lost/);
    assert.deepEqual(await blobs.stat("upload"), { sizeBytes: 8 });
    await blobs.append("upload", 8, Buffer.from("89"));
    assert.equal(await text(await blobs.open("upload")), "0123456789");
  },

  "puts and deletes beside each other do not get in each other's way": async (blobs) => {
    const work = async (key: string) => {
      for (let round = 0; round < 10; round++) {
        await blobs.put(key, Buffer.from(key));
        await blobs.delete(key);
      }
      await blobs.put(key, Buffer.from(key));
    };
    const all = Array.from({ length: 8 }, (_, index) => `deep/er/key-${index}`);
    await Promise.all(all.map(work));
    assert.deepEqual(await keys(blobs), all);
  },
};

/** Registers a test for each promise of blobs; each gets a place of its own. */
export function blobsSuite(label: string, makePlace: () => Promise<BlobsPlace>): void {
  for (const [promise, check] of Object.entries(promises)) {
    void test(`blobs in ${label}: ${promise}`, async () => {
      await using place = await makePlace();
      await check(await place.open(), place);
    });
  }
}
