import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, type Stats } from "node:fs";
import { join } from "node:path";

/** Owner, as numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface TarHeader {
  /** Path in the image without leading slash. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "link";
  readonly mode: number;
  readonly owner: Owner;
  readonly size?: number;
  /** Target of a link. */
  readonly target?: string;
}

const BLOCK = 512;
const PIECE = 1024 * 1024;
/** 1980-01-01T00:00:01Z, the one modification time of everything that Cloud Native Buildpacks export. */
const TIME = 315_532_801;
const TYPES = { file: "0", link: "1", symlink: "2", directory: "5" } as const;
const ROOT: Owner = { uid: 0, gid: 0 };

/** The two empty blocks that end an archive. */
export const endOfArchive: Buffer = Buffer.alloc(2 * BLOCK);

/** Directories from the root down to, but without, `path`; they belong to root. */
export function* parentEntries(path: string): Iterable<Buffer> {
  const parts = path.split("/").filter(Boolean).slice(0, -1);
  for (let depth = 1; depth <= parts.length; depth++) {
    yield tarHeader({ path: parts.slice(0, depth).join("/"), type: "directory", mode: 0o755, owner: ROOT });
  }
}

/** A file whose content is at hand; belongs to root. */
export function* fileEntry(path: string, content: string, mode = 0o644): Iterable<Buffer> {
  const bytes = Buffer.from(content);
  yield tarHeader({ path: path.replace(/^\//, ""), type: "file", mode, owner: ROOT, size: bytes.byteLength });
  yield bytes;
  yield padding(bytes.byteLength);
}

/**
 * A folder and everything below it as archive pieces, at the path where it lies, in byte order of names. Paths in
 * `leaveOut` (relative to the folder) and what is below them are left out; so are sockets, pipes and devices.
 */
export function* folderEntries(folder: string, owner: Owner, leaveOut: ReadonlySet<string>): Iterable<Buffer> {
  const { mode } = lstatSync(folder);
  yield tarHeader({ path: imagePath(folder), type: "directory", mode: mode & 0o7777, owner });
  yield* walk({ folder, owner, leaveOut, firstNames: new Map() }, "");
}

/** Some paths of a folder (relative to it) with all they hold, and the folders that lead to them. */
export function* sliceEntries(folder: string, owner: Owner, paths: readonly string[]): Iterable<Buffer> {
  const context = { folder, owner, leaveOut: new Set<string>(), firstNames: new Map<string, string>() };
  const leading = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/");
    for (let depth = 0; depth < parts.length; depth++) leading.add(parts.slice(0, depth).join("/"));
  }
  const { mode } = lstatSync(folder);
  yield tarHeader({ path: imagePath(folder), type: "directory", mode: mode & 0o7777, owner });
  for (const path of [...leading].filter((path) => path !== "" && !paths.includes(path)).sort())
    yield* entry(context, path);
  for (const path of paths) {
    yield* entry(context, path);
    if (lstatSync(join(folder, path)).isDirectory()) yield* walk(context, path);
  }
}

/** The header of an entry, preceded by an extended one for what the old format has no room for. */
export function tarHeader(entry: TarHeader): Buffer {
  const suffix = entry.type === "directory" ? "/" : "";
  const name = splitName(`${entry.path}${suffix}`);
  const records: [string, string][] = [];
  if (!name) records.push(["path", `${entry.path}${suffix}`]);
  if (entry.target !== undefined && !isShort(entry.target, 100)) records.push(["linkpath", entry.target]);
  const main = block(entry, name ?? { name: "long", prefix: "" }, TYPES[entry.type]);
  if (records.length === 0) return main;
  const extended = Buffer.from(records.map(paxRecord).join(""));
  const header = { path: "pax", type: "file", mode: 0o644, owner: entry.owner, size: extended.byteLength } as const;
  return Buffer.concat([block(header, { name: "pax", prefix: "" }, "x"), extended, padding(extended.byteLength), main]);
}

interface Walk {
  readonly folder: string;
  readonly owner: Owner;
  readonly leaveOut: ReadonlySet<string>;
  /** Image path of the first name of each file that has several, by inode. */
  readonly firstNames: Map<string, string>;
}

function* walk(context: Walk, inner: string): Iterable<Buffer> {
  const names = readdirSync(join(context.folder, inner));
  const ordered = names.map((name) => Buffer.from(name)).sort(Buffer.compare);
  for (const name of ordered) {
    const path = inner ? `${inner}/${name.toString()}` : name.toString();
    if (context.leaveOut.has(path)) continue;
    const isFolder = yield* entry(context, path);
    if (isFolder) yield* walk(context, path);
  }
}

/** Yields one entry and returns whether it is a folder. */
function* entry(context: Walk, inner: string): Generator<Buffer, boolean> {
  const source = join(context.folder, inner);
  const stats = lstatSync(source);
  const common = { path: imagePath(source), mode: stats.mode & 0o7777, owner: context.owner };
  if (stats.isDirectory()) {
    yield tarHeader({ ...common, type: "directory" });
    return true;
  }
  if (stats.isSymbolicLink())
    yield tarHeader({ ...common, type: "symlink", mode: 0o777, target: readlinkSync(source) });
  else if (stats.isFile()) yield* file(context, source, stats, common);
  return false;
}

function* file(context: Walk, source: string, stats: Stats, common: Omit<TarHeader, "type">): Iterable<Buffer> {
  const inode = `${stats.dev}:${stats.ino}`;
  const first = stats.nlink > 1 ? context.firstNames.get(inode) : undefined;
  if (first !== undefined) {
    yield tarHeader({ ...common, type: "link", target: first });
    return;
  }
  if (stats.nlink > 1) context.firstNames.set(inode, common.path);
  yield tarHeader({ ...common, type: "file", size: stats.size });
  if (stats.size <= PIECE) yield readFileSync(source);
  else yield* pieces(source, stats.size);
  yield padding(stats.size);
}

function* pieces(source: string, size: number): Iterable<Buffer> {
  const descriptor = openSync(source, "r");
  try {
    for (let left = size; left > 0;) {
      const piece = Buffer.alloc(Math.min(left, PIECE));
      const read = readSync(descriptor, piece);
      if (read === 0) throw new Error(`${source} became shorter while it was read`);
      left -= read;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(descriptor);
  }
}

function block(entry: TarHeader, { name, prefix }: { name: string; prefix: string }, type: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(octal(entry.mode, 7), 100);
  header.write(octal(entry.owner.uid, 7), 108);
  header.write(octal(entry.owner.gid, 7), 116);
  header.write(octal(entry.size ?? 0, 11), 124);
  header.write(octal(TIME, 11), 136);
  header.write("        ", 148);
  header.write(type, 156);
  if (entry.target !== undefined && isShort(entry.target, 100)) header.write(entry.target, 157);
  header.write("ustar\x0000", 257, "latin1");
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function splitName(path: string): { name: string; prefix: string } | undefined {
  if (isShort(path, 100)) return { name: path, prefix: "" };
  const slash = path.lastIndexOf("/", Math.min(155, path.length - 2));
  if (slash <= 0) return undefined;
  const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
  return isShort(prefix, 155) && isShort(name, 100) ? { name, prefix } : undefined;
}

function isShort(text: string, bytes: number): boolean {
  const size = Buffer.byteLength(text);
  return size === text.length && size <= bytes;
}

function paxRecord([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  const size = Buffer.byteLength(rest);
  // The length counts its own digits.
  const length = size + String(size + String(size).length).length;
  return `${length}${rest}`;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function imagePath(path: string): string {
  return path.replace(/^\/+/, "");
}
