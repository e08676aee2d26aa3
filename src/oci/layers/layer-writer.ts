import {
  chmodSync,
  closeSync,
  createWriteStream,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Header } from "tar-stream";
import { lstatIfThere, pathParts, resolveFolder, UnsafeLayerError } from "./safe-path.ts";
import type { Whiteouts } from "./whiteouts.ts";

/** Writes the entries of one layer, in the archive's order, below a folder. */
export interface LayerWriter {
  /** Reads the content to its end before it resolves. */
  add(header: Header, content: Readable): Promise<unknown>;
  /** Sets the times of folders and tells what the layer deletes below; call once, after the last entry. */
  finish(): Whiteouts;
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
// Every other name that begins with .wh..wh. is book-keeping of aufs, which image-spec's layers took over from.

/** Files above this size are written asynchronously, so that the process stays responsive; below, a call costs more. */
const WRITE_AT_ONCE_BYTES = 256 * 1024;

/** A writer for an empty folder; see unpackLayer for what it promises. */
export function createLayerWriter(root: string): LayerWriter {
  const state: State = { root, folders: new Map(), removed: new Set(), opaque: new Set() };
  return {
    async add(header, content) {
      const parts = pathParts(header.name);
      if (parts.some((part) => part.startsWith(`${WHITEOUT}${WHITEOUT}`) && part !== OPAQUE)) return content.resume();
      const name = parts.at(-1);
      const folder = name === undefined ? root : resolveFolder(root, parts.slice(0, -1), (path) => mkdirSync(path));
      if (name?.startsWith(WHITEOUT)) noteWhiteout(state, folder, name);
      else await write(state, name === undefined ? root : join(folder, name), header, content);
      return content.resume();
    },
    finish() {
      // Adding an entry changes its folder's time: folders come last, the deepest first.
      for (const [path, time] of [...state.folders].reverse()) utimesSync(path, time, time);
      return whiteoutsOf(state);
    },
  };
}

interface State {
  readonly root: string;
  /** Time of each folder that the archive has an entry for. */
  readonly folders: Map<string, Date>;
  /** Paths on disk of whiteouts met so far. */
  readonly removed: Set<string>;
  readonly opaque: Set<string>;
}

async function write(state: State, path: string, header: Header, content: Readable): Promise<void> {
  switch (header.type) {
    case "directory":
      return writeFolder(state, path, header);
    case "file":
    case "contiguous-file":
      return writeFile(state, path, header, content);
    case "symlink":
      return writeSymlink(state, path, header);
    case "link":
      return writeHardLink(state, path, header);
    default:
      return undefined;
  }
}

function writeFolder(state: State, path: string, header: Header): void {
  if (!lstatIfThere(path)?.isDirectory()) {
    replace(state, path);
    mkdirSync(path);
  }
  applyOwner(path, header);
  state.folders.set(path, header.mtime);
}

async function writeFile(state: State, path: string, header: Header, content: Readable): Promise<void> {
  replace(state, path);
  if (header.size > WRITE_AT_ONCE_BYTES) {
    await pipeline(content, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  } else {
    const file = openSync(path, "wx", 0o600);
    try {
      for await (const chunk of content) writeSync(file, chunk as Buffer);
    } finally {
      closeSync(file);
    }
  }
  applyOwner(path, header);
  utimesSync(path, header.mtime, header.mtime);
}

function writeSymlink(state: State, path: string, header: Header): void {
  replace(state, path);
  symlinkSync(header.linkname, path);
  lchownSync(path, header.uid, header.gid);
  lutimesSync(path, header.mtime, header.mtime);
}

function writeHardLink(state: State, path: string, header: Header): void {
  const parts = pathParts(header.linkname);
  const folder = resolveFolder(state.root, parts.slice(0, -1), (missing) => {
    throw new UnsafeLayerError(`hard link to something that is not in the layer: ${relative(state.root, missing)}`);
  });
  const target = join(folder, parts.at(-1) ?? "");
  const stats = lstatIfThere(target);
  if (!stats || stats.isDirectory()) {
    throw new UnsafeLayerError(`hard link to something that is not a file of the layer: ${header.linkname}`);
  }
  if (target === path) return;
  replace(state, path);
  linkSync(target, path);
}

function replace(state: State, path: string): void {
  const there = lstatIfThere(path);
  if (!there) return;
  if (path === state.root) throw new UnsafeLayerError("layer replaces its own root");
  rmSync(path, { recursive: true });
  if (!there.isDirectory()) return;
  const isGone = (noted: string): boolean => noted === path || noted.startsWith(`${path}/`);
  for (const folder of state.folders.keys()) if (isGone(folder)) state.folders.delete(folder);
  // What comes in its place hides older layers itself, and a link would lead the whiteouts below it astray.
  for (const folder of state.opaque) if (isGone(folder)) state.opaque.delete(folder);
  for (const removed of state.removed) if (removed !== path && isGone(removed)) state.removed.delete(removed);
}

function applyOwner(path: string, header: Header): void {
  lchownSync(path, header.uid, header.gid);
  // After the owner, because a change of owner clears set-uid and set-gid.
  chmodSync(path, header.mode & 0o7777);
}

function noteWhiteout(state: State, folder: string, name: string): void {
  if (name === OPAQUE) state.opaque.add(folder);
  else if (name !== WHITEOUT) state.removed.add(join(folder, ...pathParts(name.slice(WHITEOUT.length))));
}

function whiteoutsOf(state: State): Whiteouts {
  // A path both deleted and written hides what is below and shows what is here (image-spec, layer.md, "Whiteouts").
  const both = [...state.removed].filter((path) => lstatIfThere(path));
  const opaque = new Set([...state.opaque, ...both.filter((path) => lstatIfThere(path)?.isDirectory())]);
  const removed = [...state.removed].filter((path) => !both.includes(path));
  const fromRoot = (path: string): string => relative(state.root, path) || ".";
  return { removed: removed.map(fromRoot).sort(), opaque: [...opaque].map(fromRoot).sort() };
}
