import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempDisposableSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { deflateSync } from "node:zlib";
import { createManualClock } from "../../../../platform/manual-clock.ts";
import { createGit } from "./git.ts";
import { parseGitUrl } from "./git-url.ts";

const REMOTE = parseGitUrl("https://git.example/a/b.git", "url");
const { signal } = new AbortController();

interface Entry {
  readonly type: number;
  readonly data: Buffer;
  /** What stands between header and data: the distance or the hash of a delta's base. */
  readonly base?: Buffer;
  /** What the header says instead of the truth. */
  readonly size?: number;
}

const oidOf = (type: string, data: Buffer) =>
  createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest();

function packOf(entries: readonly Entry[], count = entries.length): Buffer {
  const header = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
  header.writeUInt32BE(count, 8);
  const content = Buffer.concat([header, ...entries.map(entryOf)]);
  return Buffer.concat([content, createHash("sha1").update(content).digest()]);
}

function entryOf({ type, data, base = Buffer.alloc(0), size = data.length }: Entry): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.concat([Buffer.from(bytes), base, deflateSync(data)]);
}

/** A commit with one file of this name (or whatever mode says). */
function commitOf(name: string, mode = "100644") {
  const blob = Buffer.from("x");
  const tree = Buffer.concat([Buffer.from(`${mode} ${name}\0`), oidOf("blob", blob)]);
  const commit = Buffer.from(`tree ${oidOf("tree", tree).toString("hex")}\nauthor a <a> 0 +0000\n\nsubject\n`);
  const entries = [commit, tree, blob].map((data, index) => ({ type: index + 1, data }));
  return { oid: oidOf("commit", commit).toString("hex"), entries };
}

const packet = (data: Buffer) => Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, "0")), data]);

/** Clones from a server that answers with these bytes. */
async function clone(answer: Buffer, oid: string): Promise<{ message: string; left: string[] }> {
  using temp = mkdtempDisposableSync(join(tmpdir(), "homerun-hostile-"));
  const git = createGit(createManualClock(0), async () =>
    (async function* () {
      yield answer;
    })(),
  );
  const message = await git.clone(REMOTE, oid, join(temp.path, "source"), signal).then(
    (subject) => subject,
    (error: Error) => `${error.name}: ${error.message}`,
  );
  return {
    message,
    left: readdirSync(temp.path, { recursive: true })
      .map(String)
      .filter((name) => !name.includes(".git")),
  };
}

const sendPack = (pack: Buffer) =>
  Buffer.concat([
    packet(Buffer.from("packfile\n")),
    packet(Buffer.concat([Buffer.from([1]), pack])),
    Buffer.from("0000"),
  ]);

const fails = async (entries: readonly Entry[], oid: string, message: RegExp, count?: number) => {
  const result = await clone(sendPack(packOf(entries, count)), oid);
  assert.match(result.message, message);
  assert.deepEqual(
    result.left.filter((name) => name !== "source"),
    [],
  );
};

describe("a server that lies", () => {
  test("is believed when it does not", async () => {
    const { oid, entries } = commitOf("file");
    assert.deepEqual(await clone(sendPack(packOf(entries)), oid), {
      message: "subject",
      left: ["source", "source/file"],
    });
  });

  for (const name of ["..", ".", ".git", ".GIT", "a/b", "a\\b"])
    test(`does not place a file at ${name}`, async () => {
      const { oid, entries } = commitOf(name);
      await fails(entries, oid, /^GitError: invalid path/);
    });

  test("does not pass one object off as another, or leave any out", async () => {
    const { oid, entries } = commitOf("file");
    await fails(entries, "0".repeat(40), /left out the commit 0{40}/);
    await fails(entries.slice(0, 2), oid, /left out the blob/);
    await fails([{ ...entries[0]!, type: 3 }, ...entries.slice(1)], oid, /left out the commit/);
    await fails(commitOf("file", "40000").entries, commitOf("file", "40000").oid, /left out the tree/);
    await fails(
      commitOf("file", "100000").entries,
      commitOf("file", "100000").oid,
      /a tree of the repository is broken/,
    );
  });

  test("does not get through with packs that are none", async () => {
    const { oid, entries } = commitOf("file");
    const pack = packOf(entries);
    const broken = async (bytes: Buffer) => (await clone(sendPack(bytes), oid)).message;
    assert.match(await broken(pack.subarray(0, 20)), /sent a broken pack/);
    assert.match(await broken(Buffer.concat([pack, Buffer.from("more")])), /sent a broken pack/);
    await fails(entries, oid, /broken pack/, 2);
    await fails(entries, oid, /broken pack|cannot be read/, 4);
    await fails(entries, oid, /more than 1000000 objects/, 2_000_000);
    await fails([{ ...entries[0]!, size: 2 }, ...entries.slice(1)], oid, /broken pack|cannot be read/);
    await fails([{ type: 3, data: Buffer.from("x"), size: 2 ** 40 }], oid, /more than 268435456 bytes/);
    assert.match((await clone(Buffer.from("<html>"), oid)).message, /does not speak git's smart protocol/);
    assert.match((await clone(Buffer.from("00ff"), oid)).message, /ends early/);
    assert.match((await clone(packet(Buffer.from("ERR no\n")), oid)).message, /^GitError: remote error: no$/);
  });

  test("does not get through with deltas that lead nowhere or grow without end", async () => {
    const { oid, entries } = commitOf("file");
    const delta = (data: number[], base: Buffer): Entry => ({ type: 7, data: Buffer.from(data), base });
    const blob = oidOf("blob", Buffer.from("x"));
    await fails([...entries, delta([1, 1, 0x90, 1], Buffer.alloc(20))], oid, /left out the base of a delta/);
    await fails([...entries, delta([1, 0xff, 0xff, 0xff, 0x7f, 0x90, 1], blob)], oid, /broken delta/);
    await fails([...entries, delta([1, 2, 0x90, 2], blob)], oid, /broken delta/);
    await fails([...entries, delta([9, 1, 0x90, 1], blob)], oid, /broken delta/);
    await fails([...entries, delta([1, 5, 0], blob)], oid, /broken delta/);
    const own = { type: 6, data: Buffer.from([1, 1, 0x90, 1]), base: Buffer.from([0]) };
    await fails([...entries, own], oid, /broken pack/);
  });
});
