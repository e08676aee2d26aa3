import {
  copyFileSync,
  constants,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { PathMatcher } from "./ignore-patterns.ts";

/** Which part of a source becomes the application. */
export interface SourceFilter {
  /** Left out, with all that is below. */
  readonly exclude?: PathMatcher;
  /** Taken, with all that is below; everything when absent. */
  readonly include?: PathMatcher;
}

/**
 * Copies what is in `from` into the folder `to`. Modes become 755 for folders and executables and 644 for the rest, so
 * that they do not depend on how the source was unpacked; symbolic links stay as they are; special files are left out.
 */
export function copyTree(from: string, to: string, filter: SourceFilter = {}): void {
  mkdirSync(to, { recursive: true });
  copyFolder(from, to, "", filter);
}

function copyFolder(from: string, to: string, inner: string, filter: SourceFilter): void {
  for (const name of readdirSync(join(from, inner))) {
    const path = inner === "" ? name : `${inner}/${name}`;
    const [source, target] = [join(from, path), join(to, path)];
    const stats = lstatSync(source);
    const isFolder = stats.isDirectory();
    if (filter.exclude?.(path, isFolder)) continue;
    const isIncluded = !filter.include || filter.include(path, isFolder);
    // What is below a folder may be included although the folder is not.
    if (!isIncluded && !isFolder) continue;
    const { include: _, ...below } = filter;
    if (isFolder && isIncluded) mkdirSync(target, { recursive: true });
    else if (!isFolder && filter.include) mkdirSync(dirname(target), { recursive: true });
    if (isFolder) copyFolder(from, to, path, isIncluded ? below : filter);
    else copyLeaf(source, target, stats.isSymbolicLink() ? "link" : stats.isFile() ? stats.mode : "special");
  }
}

function copyLeaf(source: string, target: string, kind: "link" | "special" | number): void {
  if (kind === "special") return;
  if (kind === "link") return symlinkSync(readlinkSync(source), target);
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, (kind & 0o111) === 0 ? 0o644 : 0o755);
}
