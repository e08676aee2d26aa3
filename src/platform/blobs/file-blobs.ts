import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { type BlobInfo, BlobNotFoundError, type Blobs, BlobOffsetError } from "./blobs.ts";

// No key holds this character, so the file of key "a" never stands in the way of the folder of key "a/b".
const FILE_MARK = "~";
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._=-]{1,200}$/;
const LONGEST_KEY = 1_024;
const MOST_ATTEMPTS = 20;

/** Blobs as files below `folder`, which is made, and rid of what an earlier process left half-written. One process at a time. */
export function fileBlobs(folder: string): Blobs {
  const root = join(folder, "content");
  const partial = join(folder, "partial");
  rmSync(partial, { recursive: true, force: true });
  for (const path of [root, partial]) mkdirSync(path, { recursive: true, mode: 0o700 });
  let writes = 0;
  const place = { root, nextPartial: () => join(partial, String(++writes)) };
  const pathOf = (key: string) => join(root, `${checkedKey(key)}${FILE_MARK}`);
  return {
    put: async (key, content) => put(place, pathOf(key), content),
    stat: async (key) => info(pathOf(key)),
    open: async (key, range) => openRange(key, pathOf(key), range),
    delete: async (key) => remove(place, pathOf(key)),
    list: (prefix) => list(root, prefix),
    append: async (key, offset, content) => append(key, pathOf(key), offset, content),
    localPath: pathOf,
  };
}

interface Place {
  readonly root: string;
  /** Where the next half-written file stands: on the same file system, so that a rename moves it in whole. */
  nextPartial(): string;
}

function checkedKey(key: string): string {
  if (key.length <= LONGEST_KEY && key.split("/").every((segment) => SEGMENT.test(segment))) return key;
  throw new TypeError(`not a key of a blob: ${JSON.stringify(key)}`);
}

async function put(place: Place, path: string, content: Readable | Buffer): Promise<BlobInfo> {
  const partial = place.nextPartial();
  try {
    const written = await write(await open(partial, "wx", 0o600), content);
    await inFolderOf(path, () => rename(partial, path));
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function append(key: string, path: string, offset: number, content: Readable | Buffer): Promise<BlobInfo> {
  const present = await info(path);
  if ((present?.sizeBytes ?? 0) !== offset) throw new BlobOffsetError(key, offset, present?.sizeBytes ?? 0);
  const handle = await inFolderOf(path, () => open(path, "a", 0o600));
  const written = await write(handle, content);
  if (!present) await syncFolder(dirname(path));
  return written;
}

/** Writes at the handle's end, makes that durable even when the content breaks off, closes, and says how long the file is. */
async function write(handle: FileHandle, content: Readable | Buffer): Promise<BlobInfo> {
  await using file = handle;
  try {
    const chunks: AsyncIterable<Uint8Array | string> | Uint8Array[] = Buffer.isBuffer(content) ? [content] : content;
    for await (const chunk of chunks) await file.appendFile(chunk);
  } finally {
    await file.sync();
  }
  return { sizeBytes: (await file.stat()).size };
}

/** Makes a file in a folder that may not be there yet, or that a delete has just found empty and removed. */
async function inFolderOf<Result>(path: string, makeFile: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      const firstMade = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (firstMade) await syncFolders(dirname(dirname(path)), dirname(firstMade));
      return await makeFile();
    } catch (error) {
      // mkdir says ENOTDIR, too, when a parent vanishes under it.
      const vanished = isMissing(error) || hasCode(error, "ENOTDIR");
      if (!vanished || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

async function info(path: string): Promise<BlobInfo | undefined> {
  const found = await stat(path).catch(missingAsUndefined);
  return found && { sizeBytes: found.size };
}

async function openRange(key: string, path: string, range?: { start: number; end?: number }): Promise<Readable> {
  const file = await open(path).catch(missingAsUndefined);
  if (!file) throw new BlobNotFoundError(`there is no blob ${key}`);
  return file.createReadStream(range);
}

async function remove(place: Place, path: string): Promise<void> {
  const removed = await unlink(path).then(() => true, missingAsUndefined);
  if (!removed) return;
  let folder = dirname(path);
  while (folder !== place.root && (await removedEmpty(folder))) folder = dirname(folder);
  await syncFolder(folder).catch(missingAsUndefined);
}

async function removedEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (isMissing(error)) return true;
    if (hasCode(error, "ENOTEMPTY")) return false;
    throw error;
  }
}

async function* list(root: string, prefix: string): AsyncIterable<string> {
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  if (folder !== "") checkedKey(folder.slice(0, -1));
  for await (const key of walk(root, folder)) if (key.startsWith(prefix)) yield key;
}

/** Keys below a folder ("" or ending in "/"). Sorting "name/" for folders among file names gives the order of whole keys. */
async function* walk(root: string, folder: string): AsyncIterable<string> {
  const entries = (await readdir(join(root, folder), { withFileTypes: true }).catch(missingAsUndefined)) ?? [];
  const names = entries.map((entry) =>
    entry.isDirectory() ? `${entry.name}/` : entry.name.slice(0, -FILE_MARK.length),
  );
  for (const name of names.toSorted()) {
    if (name.endsWith("/")) yield* walk(root, folder + name);
    else yield folder + name;
  }
}

/** Makes what was added to or removed from `folder` and its parents up to `last` durable. */
async function syncFolders(folder: string, last: string): Promise<void> {
  await syncFolder(folder);
  if (folder.length > last.length) await syncFolders(dirname(folder), last);
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder);
  await handle.sync();
}

function missingAsUndefined(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
