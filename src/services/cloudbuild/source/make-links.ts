import { lstat, symlink } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { UnpackError, unpackFailure } from "./unpack-error.ts";

/**
 * Makes symbolic links below a folder of sources, once all files are there, so that nothing is ever written through one.
 * Throws an UnpackError for a link that leads out of the folder.
 */
export async function makeLinks(
  folder: string,
  links: readonly { readonly path: string; readonly target: string }[],
): Promise<void> {
  for (const { path, target } of links) await makeLink(folder, path, target);
}

/** `..` is accepted only at the start of a target: further on it could lead out through another link. */
async function makeLink(folder: string, path: string, target: string): Promise<void> {
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const ups = climbs === -1 ? parts.length : climbs;
  const depth = relative(folder, dirname(path)).split("/").filter(Boolean).length;
  if (target.startsWith("/") || ups > depth || parts.slice(ups).includes("..") || target.includes("\0"))
    throw new UnpackError(`the link ${JSON.stringify(relative(folder, path))} leads out of the source`);
  await assertRealFolders(folder, dirname(path));
  await symlink(target, path).catch((error: unknown) => {
    throw unpackFailure(error, "a link cannot be made");
  });
}

/** A link below another link would be made somewhere else than its name says. */
async function assertRealFolders(folder: string, path: string): Promise<void> {
  if (path === folder) return;
  if (!(await lstat(path)).isDirectory())
    throw new UnpackError(`${JSON.stringify(relative(folder, path))} in the source is not a directory`);
  await assertRealFolders(folder, dirname(path));
}
