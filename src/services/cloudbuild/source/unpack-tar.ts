import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, stat, symlink } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { entryPath, illegalPath } from "./entry-path.ts";
import { UnpackError, unpackFailure } from "./unpack-error.ts";
import { createUnpackBudget } from "./unpack-limits.ts";

/**
 * Unpacks a gzipped tar file into an empty folder, with the same promises as unpackZip. Symbolic links are kept when they
 * stay inside the folder; they are made last, so that nothing is ever written through one.
 */
export async function unpackTar(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const budget = createUnpackBudget((await stat(archive)).size);
  const entries = extract();
  const links: { path: string; target: string }[] = [];
  const reading = pipeline(createReadStream(archive), createGunzip(), budget.meter(), entries, { signal });
  // Its failure is thrown below, where the entries end.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      budget.countEntry();
      const link = await unpackEntry(entry as TarContent, entry.header, folder, signal);
      if (link) links.push(link);
    }
    await reading;
  } catch (thrown) {
    const error = await reading.then(
      () => thrown,
      (reason: unknown) => (thrown instanceof UnpackError ? thrown : reason),
    );
    throw unpackFailure(error, "gzip: not a valid gzipped tar file");
  }
  for (const { path, target } of links) await makeLink(folder, path, target);
}

type TarContent = AsyncIterable<Buffer> & { resume(): unknown };

async function unpackEntry(content: TarContent, header: Header, folder: string, signal: AbortSignal) {
  const path = entryPath(folder, header.name);
  const { type } = header;
  if (type === "directory") {
    if (path !== undefined) await mkdir(path, { recursive: true, mode: 0o755 });
    content.resume();
    return undefined;
  }
  if (path === undefined) throw illegalPath(JSON.stringify(header.name));
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  if (type === "symlink") {
    content.resume();
    return { path, target: header.linkname ?? "" };
  }
  if (type !== "file" && type !== "contiguous-file")
    throw new UnpackError(`${JSON.stringify(header.name)} in the archive is a ${type}`);
  const mode = (header.mode ?? 0) & 0o100 ? 0o755 : 0o644;
  await pipeline(content, createWriteStream(path, { mode }), { signal });
  return undefined;
}

/** `..` is accepted only at the start of a target: further on it could lead out through another link. */
async function makeLink(folder: string, path: string, target: string): Promise<void> {
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const ups = climbs === -1 ? parts.length : climbs;
  const depth = relative(folder, dirname(path)).split("/").filter(Boolean).length;
  if (target.startsWith("/") || ups > depth || parts.slice(ups).includes("..") || target.includes("\0"))
    throw new UnpackError(`the link ${JSON.stringify(relative(folder, path))} leads out of the archive`);
  await assertRealFolders(folder, dirname(path));
  await symlink(target, path).catch((error: unknown) => {
    throw unpackFailure(error, "a link cannot be made");
  });
}

/** A link below another link would be made somewhere else than its name says. */
async function assertRealFolders(folder: string, path: string): Promise<void> {
  if (path === folder) return;
  if (!(await lstat(path)).isDirectory())
    throw new UnpackError(`${JSON.stringify(relative(folder, path))} in the archive is not a directory`);
  await assertRealFolders(folder, dirname(path));
}
