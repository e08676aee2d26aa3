import { createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { entryPath, illegalPath } from "./entry-path.ts";
import { UnpackError, unpackFailure } from "./unpack-error.ts";
import { createUnpackBudget, type UnpackBudget } from "./unpack-limits.ts";

const NOT_A_ZIP = "zip: not a valid zip file";
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

/**
 * Unpacks a zip file into an empty folder; files become 0644, or 0755 when their owner may execute them. Rejects with an
 * UnpackError for what is not a zip file, for paths that lead out of the folder, for links and devices, and for bombs.
 */
export async function unpackZip(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const budget = createUnpackBudget((await stat(archive)).size);
  const zip = await open(archive);
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      await unpackEntry(zip, entry, folder, budget, signal);
    }
  } catch (error) {
    throw isNameError(error) ? illegalPath(error.message) : unpackFailure(error, NOT_A_ZIP);
  } finally {
    zip.close();
  }
}

async function open(archive: string): Promise<ZipFile> {
  try {
    // strictFileNames refuses backslashes in place of reading them as slashes.
    return await openPromise(archive, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    throw unpackFailure(error, NOT_A_ZIP);
  }
}

async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  folder: string,
  budget: UnpackBudget,
  signal: AbortSignal,
): Promise<void> {
  budget.countEntry();
  const path = entryPath(folder, entry.fileName);
  const mode = entry.externalFileAttributes >>> 16;
  const isDirectory = entry.fileName.endsWith("/");
  const type = mode & FILE_TYPE;
  if (type !== 0 && type !== (isDirectory ? DIRECTORY : REGULAR))
    throw new UnpackError(`${JSON.stringify(entry.fileName)} in the archive is neither a file nor a directory`);
  if (path === undefined) return;
  await mkdir(isDirectory ? path : dirname(path), { recursive: true, mode: 0o755 });
  if (isDirectory) return;
  if (entry.isEncrypted()) throw new UnpackError(`${JSON.stringify(entry.fileName)} in the archive is encrypted`);
  const content = await zip.openReadStreamPromise(entry);
  const target = createWriteStream(path, { flags: "wx", mode: mode & 0o100 ? 0o755 : 0o644 });
  await pipeline(content, budget.meter(), target, { signal });
}

/** yauzl checks names before it hands an entry out. */
function isNameError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(invalid characters in fileName|absolute path|invalid relative path)/.test(error.message)
  );
}
