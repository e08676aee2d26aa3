import type { Readable } from "node:stream";
import { readDeb, type DebEntry } from "../debian/deb.ts";
import type { BinaryPackage } from "../debian/packages-index.ts";
import { MERGED_FOLDERS, mergeUsr } from "../debian/usr-merge.ts";
import { type LayerEntry, symlinkEntry } from "../layers/layer-entry.ts";
import { isLeftOut } from "./packages.ts";
import { configurationEntries } from "./configuration.ts";

/** A package and its .deb. */
export interface PackageFile {
  readonly package: BinaryPackage;
  readonly file: string;
}

/**
 * The entries of the base layer: the files of the packages on a merged /usr, and what the packages' maintainer scripts
 * would have made. The same packages give the same entries in the same order.
 */
export async function* baseEntries(packages: readonly PackageFile[]): AsyncIterable<LayerEntry> {
  const state: State = { seen: new Set(MERGED_FOLDERS), kept: new Map() };
  // base-files goes first: it says what mode and owner the common folders have.
  const first = packages.filter((item) => item.package.name === "base-files");
  const others = packages.filter((item) => item.package.name !== "base-files");
  yield* packageEntries(state, [...first, ...others]);
  yield* MERGED_FOLDERS.filter((folder) => state.seen.has(`usr/${folder}`)).map(linkIntoUsr);
  yield* configurationEntries(
    packages.map((item) => item.package),
    state,
  );
}

/** Links that maintainer scripts would make. */
export interface MadeByScripts {
  /** Path below the root to target. */
  readonly links?: Readonly<Record<string, string>>;
  /** Endings of programs that are also there without them. */
  readonly alternatives?: readonly string[];
}

/** The entries of a layer of packages above the base: their files, links, and what the package database says of them. */
export async function* addedEntries(
  packages: readonly PackageFile[],
  database: readonly LayerEntry[],
  made: MadeByScripts,
): AsyncIterable<LayerEntry> {
  const state: State = { seen: new Set(MERGED_FOLDERS), kept: new Map() };
  yield* packageEntries(state, packages);
  const links = { ...made.links, ...alternativeLinks(state, made.alternatives ?? []) };
  for (const [path, target] of Object.entries(links)) {
    if (!state.seen.has(path)) yield symlinkEntry(path, target);
  }
  yield* database;
}

function alternativeLinks(state: State, endings: readonly string[]): Record<string, string> {
  const programs = [...state.seen].filter((path) => path.startsWith("usr/bin/"));
  const links = endings.flatMap((ending) =>
    programs
      .filter((path) => path.endsWith(ending))
      .map((path) => [path.slice(0, -ending.length), path.slice("usr/bin/".length)] as const),
  );
  return Object.fromEntries(links);
}

async function* packageEntries(state: State, packages: readonly PackageFile[]): AsyncIterable<LayerEntry> {
  for (const { file } of packages) {
    for await (const entry of readDeb(file)) {
      const layerEntry = await convert(state, entry);
      if (layerEntry) yield layerEntry;
      else entry.content.resume();
    }
  }
}

/** What has been written so far. */
export interface State {
  readonly seen: Set<string>;
  /** Content of the files that the configuration is made from. */
  readonly kept: Map<string, Buffer>;
}

const KEPT = /^usr\/share\/(base-passwd\/(passwd|group)\.master|ca-certificates\/.+\.crt|base-files\/profile)$/;

async function convert(state: State, { header, content }: DebEntry): Promise<LayerEntry | undefined> {
  const path = mergeUsr(header.name);
  if (path === "" || state.seen.has(path) || isLeftOut(path)) return undefined;
  state.seen.add(path);
  const common = { path, mode: header.mode & 0o7777, uid: header.uid, gid: header.gid };
  switch (header.type) {
    case "directory":
      return { type: "directory", ...common };
    case "symlink":
      return { type: "symlink", ...common, mode: 0o777, target: header.linkname };
    case "link":
      return { type: "link", ...common, target: mergeUsr(header.linkname) };
    case "file":
      return { type: "file", ...common, size: header.size, content: await contentOf(state, path, content) };
    default:
      return undefined;
  }
}

async function contentOf(
  state: State,
  path: string,
  content: Readable,
): Promise<Uint8Array | (() => AsyncIterable<Uint8Array>)> {
  if (!KEPT.test(path)) return () => content as AsyncIterable<Uint8Array>;
  const bytes = Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>));
  state.kept.set(path, bytes);
  return bytes;
}

function linkIntoUsr(folder: string): LayerEntry {
  return { type: "symlink", path: folder, mode: 0o777, uid: 0, gid: 0, target: `usr/${folder}` };
}
