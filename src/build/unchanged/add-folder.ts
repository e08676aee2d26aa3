import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Adds what lies below a folder: paths, kinds, executable bits and contents; not times and owners. */
export async function addFolder(hash: Hash, folder: string, inner: string): Promise<void> {
  const entries = await readdir(join(folder, inner), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    const file = join(folder, path);
    if (entry.isDirectory()) {
      hash.update(`\0folder\0${path}`);
      await addFolder(hash, folder, path);
    } else if (entry.isSymbolicLink()) hash.update(`\0link\0${path}\0${await readlink(file)}`);
    else if (entry.isFile()) await addFile(hash, path, file);
  }
}

async function addFile(hash: Hash, path: string, file: string): Promise<void> {
  const { mode, size } = await lstat(file);
  hash.update(`\0file\0${path}\0${(mode & 0o111) !== 0}\0${size}\0`);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
}
