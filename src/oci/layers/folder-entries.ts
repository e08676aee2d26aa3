import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { directoryEntry, type LayerEntry } from "./layer-entry.ts";

/** Files up to this size are read at once; larger ones are streamed. */
const READ_AT_ONCE_BYTES = 1024 * 1024;

export interface FolderOptions {
  /** Where the folder appears in the image, for example /workspace. */
  readonly target: string;
  /** Owner of every entry below and including the target; parents of the target belong to root. */
  readonly uid: number;
  readonly gid: number;
  /** Leaves out entries by their path inside the folder, for example "node_modules"; a folder goes with what it holds. */
  readonly exclude?: (path: string) => boolean;
}

/**
 * Lists a folder as layer entries in byte order of their paths: the target's parents, the target, and what is below.
 * Files with several names become hard links; sockets, pipes and devices are left out, as the buildpacks lifecycle does.
 */
export async function* folderEntries(folder: string, options: FolderOptions): AsyncIterable<LayerEntry> {
  const target = options.target.split("/").filter(Boolean);
  for (let depth = 1; depth < target.length; depth++) yield directoryEntry(target.slice(0, depth).join("/"));
  const { mode } = await lstat(folder);
  if (target.length > 0) yield directoryEntry(target.join("/"), mode & 0o7777, options.uid, options.gid);
  yield* walk({ folder, target: target.join("/"), options, seen: new Map() }, "");
}

interface Walk {
  readonly folder: string;
  readonly target: string;
  readonly options: FolderOptions;
  /** First image path of each file that has several names, by device and inode. */
  readonly seen: Map<string, string>;
}

async function* walk(context: Walk, inner: string): AsyncIterable<LayerEntry> {
  const names = await readdir(join(context.folder, inner), { encoding: "buffer" });
  // Byte order does not depend on the locale or on the file system.
  for (const name of names.sort(Buffer.compare)) {
    const path = inner ? `${inner}/${name.toString()}` : name.toString();
    if (context.options.exclude?.(path)) continue;
    const entry = await entryOf(context, path);
    if (entry) yield entry;
    if (entry?.type === "directory") yield* walk(context, path);
  }
}

async function entryOf(context: Walk, inner: string): Promise<LayerEntry | undefined> {
  const source = join(context.folder, inner);
  const stats = await lstat(source);
  const path = context.target ? `${context.target}/${inner}` : inner;
  const { uid, gid } = context.options;
  const common = { path, mode: stats.mode & 0o7777, uid, gid };
  if (stats.isDirectory()) return { type: "directory", ...common };
  if (stats.isSymbolicLink()) return { type: "symlink", ...common, mode: 0o777, target: await readlink(source) };
  if (!stats.isFile()) return undefined;
  const first = firstName(context, stats, path);
  if (first !== undefined) return { type: "link", ...common, target: first };
  const content = stats.size <= READ_AT_ONCE_BYTES ? await readFile(source) : () => createReadStream(source);
  const size = content instanceof Uint8Array ? content.byteLength : stats.size;
  return { type: "file", ...common, size, content };
}

function firstName(context: Walk, stats: Stats, path: string): string | undefined {
  if (stats.nlink < 2) return undefined;
  const key = `${stats.dev}:${stats.ino}`;
  const first = context.seen.get(key);
  if (first === undefined) context.seen.set(key, path);
  return first;
}
