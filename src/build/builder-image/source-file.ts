import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * Reads a text file of a build's source, which may hold links of any kind: one that leads out of the folder, or to no
 * regular file, or to more than `maxBytes`, counts as not there. Undefined when there is none.
 */
export function readSourceFile(folder: string, path: string, maxBytes: number): string | undefined {
  const descriptor = open(join(folder, path));
  if (descriptor === undefined) return undefined;
  try {
    // What was opened is looked at, not what the name leads to by now.
    const isInside = readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(realpathSync(folder) + sep);
    const stats = fstatSync(descriptor);
    return isInside && stats.isFile() && stats.size <= maxBytes ? readFileSync(descriptor, "utf8") : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Opens without waiting for a writer, should it be a pipe. */
function open(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
