import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

/** Folders from which the layers of images are mounted, by names that a cold start has for them, too. */
export interface ImageFolders {
  /** Holds layers/0 (lowest) and so on as links, and two empty folders, writable/ and rootfs/. */
  ensure(layers: readonly string[]): Promise<string>;
  /** Removes all but those for these layers. */
  prune(kept: readonly (readonly string[])[]): Promise<void>;
}

export function imageFolders(folder: string): ImageFolders {
  const made = new Map<string, Promise<string>>();
  return {
    ensure(layers) {
      const name = nameOf(layers);
      const path = made.get(name) ?? make(join(folder, name), layers);
      made.set(name, path);
      path.catch(() => made.delete(name));
      return path;
    },
    async prune(kept) {
      for (const name of await removeOthers(folder, new Set(kept.map(nameOf)))) made.delete(name);
    },
  };
}

/** Removes what a folder has besides these names; resolves with what was removed. */
export async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<readonly string[]> {
  const others = (await readdir(folder).catch(() => [])).filter((name) => !kept.has(name));
  for (const name of others) await rm(join(folder, name), { recursive: true, force: true });
  return others;
}

function nameOf(layers: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(layers)).digest("hex");
}

async function make(path: string, layers: readonly string[]): Promise<string> {
  if (existsSync(path)) return path;
  const unfinished = `${path}.new`;
  await rm(unfinished, { recursive: true, force: true });
  for (const name of ["layers", "writable", "rootfs"]) await mkdir(join(unfinished, name), { recursive: true });
  await Promise.all(layers.map((layer, index) => symlink(layer, join(unfinished, "layers", `${index}`))));
  await rename(unfinished, path);
  return path;
}
