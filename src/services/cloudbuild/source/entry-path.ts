import { join } from "node:path";
import { UnpackError } from "./unpack-error.ts";

/**
 * Where an archive entry goes below `folder`; undefined for the folder itself. Throws an UnpackError for a name that is
 * absolute, climbs with "..", or holds a backslash or a NUL.
 */
export function entryPath(folder: string, name: string): string | undefined {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name) || parts.includes("..") || /[\\\0]/.test(name))
    throw illegalPath(JSON.stringify(name));
  return parts.length === 0 ? undefined : join(folder, ...parts);
}

/** What is said of an entry whose path is not acceptable. */
export function illegalPath(what: string): UnpackError {
  return new UnpackError(`illegal file path in the archive: ${what}`);
}
