import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { entryPath, illegalPath } from "./entry-path.ts";
import { makeLinks } from "./make-links.ts";
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
  await makeLinks(folder, links);
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
