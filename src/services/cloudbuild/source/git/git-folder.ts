import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FetchedPack } from "./fetch-pack.ts";
import type { GitRemote } from "./git-url.ts";
import type { ObjectStore } from "./object-store.ts";
import type { FileKind, TreeFile } from "./read-tree.ts";

/** What .git is made of. */
export interface Checkout {
  readonly remote: GitRemote;
  readonly commit: string;
  readonly pack: FetchedPack;
  /** Path of the pack file; it is moved. */
  readonly packFile: string;
  readonly objects: ObjectStore;
  readonly files: readonly TreeFile[];
}

const MODES: Readonly<Record<FileKind, number>> = {
  file: 0o100644,
  executable: 0o100755,
  link: 0o120000,
  submodule: 0o160000,
};

/**
 * Writes the .git folder of a shallow clone with a detached HEAD, as git itself would leave it: steps can use git in it.
 * No hooks, no credentials.
 */
export async function writeGitFolder(folder: string, checkout: Checkout): Promise<void> {
  const { commit, pack, packFile, objects, remote, files } = checkout;
  const packs = join(folder, ".git", "objects", "pack");
  await mkdir(packs, { recursive: true });
  for (const path of ["objects/info", "refs/heads", "refs/tags"])
    await mkdir(join(folder, ".git", path), { recursive: true });
  await rename(packFile, join(packs, `pack-${pack.checksum}.pack`));
  const write = (name: string, content: string | Buffer) => writeFile(join(folder, ".git", name), content);
  await writeFile(join(packs, `pack-${pack.checksum}.idx`), packIndex(objects, pack.checksum));
  await write("HEAD", `${commit}\n`);
  if (pack.shallow.length > 0) await write("shallow", `${pack.shallow.join("\n")}\n`);
  await write("config", configOf(remote));
  await write("index", workTreeIndex(files));
}

function configOf({ url }: GitRemote): string {
  const core = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n";
  return `${core}[remote "origin"]\n\turl = ${JSON.stringify(url)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
}

/** Google: git-scm.com/docs/pack-format, "Version 2 pack-*.idx files". */
function packIndex({ entries }: ObjectStore, checksum: string): Buffer {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const fanOut = Buffer.alloc(1024);
  for (const [oid] of sorted) {
    const first = Number.parseInt(oid.slice(0, 2), 16);
    fanOut.writeUInt32BE(fanOut.readUInt32BE(first * 4) + 1, first * 4);
  }
  for (let at = 4; at < 1024; at += 4) fanOut.writeUInt32BE(fanOut.readUInt32BE(at - 4) + fanOut.readUInt32BE(at), at);
  const oids = Buffer.from(sorted.map(([oid]) => oid).join(""), "hex");
  const crcs = numbers(sorted.map(([, { crc }]) => crc));
  const offsets = numbers(sorted.map(([, { offset }]) => offset));
  return withHash([Buffer.from("ff744f6300000002", "hex"), fanOut, oids, crcs, offsets, Buffer.from(checksum, "hex")]);
}

/** Google: git-scm.com/docs/index-format, version 2; without file times, so that git looks at the files itself. */
function workTreeIndex(files: readonly TreeFile[]): Buffer {
  const header = Buffer.concat([Buffer.from("DIRC"), numbers([2, files.length])]);
  const entries = files.map(({ path, oid, kind }) => {
    const name = Buffer.from(path);
    const stat = numbers([0, 0, 0, 0, 0, 0, MODES[kind], 0, 0, 0]);
    const flags = Buffer.alloc(2);
    flags.writeUInt16BE(Math.min(name.length, 0xfff));
    const entry = Buffer.concat([stat, Buffer.from(oid, "hex"), flags, name]);
    return Buffer.concat([entry, Buffer.alloc(8 - (entry.length % 8))]);
  });
  return withHash([header, ...entries]);
}

function numbers(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value >>> 0, index * 4);
  return buffer;
}

function withHash(parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([content, createHash("sha1").update(content).digest()]);
}
