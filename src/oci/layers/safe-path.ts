import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";

/** Symbolic links followed for one path before it counts as a loop; the kernel's own limit. */
const MAX_LINKS = 40;

/** Thrown for an archive that tries to reach outside its folder or past the limits. */
export class UnsafeLayerError extends Error {
  override readonly name = "UnsafeLayerError";
}

/** The parts of an archive path, without "." and empty parts; throws UnsafeLayerError for ".." and NUL. */
export function pathParts(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || path.includes("\0")) throw new UnsafeLayerError(`unsafe path in layer: ${path}`);
  return parts;
}

/**
 * Where the folder `parts` is on disk below `root`, with symbolic links followed as if `root` were "/": whatever the
 * links say, the result is below `root`. Missing parts are passed to `makeFolder`.
 */
export function resolveFolder(root: string, parts: readonly string[], makeFolder: (path: string) => void): string {
  const todo = [...parts];
  let done: string[] = [];
  let links = 0;
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === "..") done.pop();
    if (part === ".." || part === "." || part === "") continue;
    const path = join(root, ...done, part);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) makeFolder(path);
    if (!stats?.isSymbolicLink()) {
      if (stats && !stats.isDirectory()) throw new UnsafeLayerError(`not a folder: ${[...done, part].join("/")}`);
      done.push(part);
      continue;
    }
    if (++links > MAX_LINKS) throw new UnsafeLayerError(`too many symbolic links: ${parts.join("/")}`);
    const target = readlinkSync(path);
    if (target.startsWith("/")) done = [];
    todo.unshift(...target.split("/"));
  }
  return join(root, ...done);
}

/** lstat without an exception when there is nothing. */
export function lstatIfThere(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
