import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { findInLayers } from "./layer-files.ts";

/** Folder in a stem's root for what belongs to the stem alone. */
export const STEM_FOLDER = "/.stem";
/** Where the new root is mounted before it becomes the root. */
export const SWAP_FOLDER = `${STEM_FOLDER}/root`;

const MOST_FILES = 5_000;
const MOST_BYTES = 64 * 1024 * 1024;

export interface ClosureOptions {
  /** Folder of all closures. */
  readonly folder: string;
  readonly layers: readonly string[];
  /** How many of them are below every stem anyway. */
  readonly baseLayers: number;
  /** Files that the framework's main file loads, without links. */
  readonly loaded: readonly string[];
  /** Files that are read meanwhile, of which some may be in no layer. */
  readonly read: readonly string[];
  /** Links on the way to them, which become links here, too. */
  readonly links: readonly (readonly [path: string, target: string])[];
  /** The main file as on the command line, and without links. */
  readonly mainPath: string;
  readonly main: string;
  /** The working directory, which is empty here. */
  readonly cwd: string;
  /** What stands in the place of the main file. */
  readonly script: string;
  /** What the script reads, as `stemFiles` says. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Keeps what a stem loads as a layer: those files and their package.json from the image, at their places, and the stem's
 * script as the main file. Its name is a hash of all of it, so that functions share it exactly when they have the same
 * files at the same places: whoever gets a stem has every file that was ever in it. Rejects when a file is missing.
 */
export async function ensureClosure(options: ClosureOptions): Promise<string> {
  const found = await readFiles(options);
  const { main, mainPath, links, script, files } = options;
  const contents: (readonly [string, Uint8Array | string])[] = [
    ...[...found].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [main, script],
    ...Object.entries(files).map(([name, content]) => [`${STEM_FOLDER}/${name}`, content] as const),
  ];
  const hash = createHash("sha256").update(JSON.stringify([mainPath, options.loaded, links, options.cwd]));
  for (const [path, content] of contents) hash.update(JSON.stringify([path, sha256(content)]));
  const name = hash.digest("hex");
  const folder = join(options.folder, name);
  if (!existsSync(folder)) await write(folder, contents, options);
  return name;
}

async function write(
  folder: string,
  contents: readonly (readonly [string, Uint8Array | string])[],
  { links, cwd }: ClosureOptions,
): Promise<void> {
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  for (const [path, content] of contents) {
    const file = join(unfinished, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, content);
    await chmod(file, 0o644);
  }
  await mkdir(join(unfinished, SWAP_FOLDER), { mode: 0o755 });
  await mkdir(join(unfinished, cwd), { recursive: true, mode: 0o755 });
  await writeFile(join(unfinished, STEM_FOLDER, "control"), "");
  for (const [path, target] of links) {
    const file = join(unfinished, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await symlink(target, file);
  }
  await rename(unfinished, folder);
}

/** The paths come from inside a sandbox: they are looked up in the image's layers and nowhere else. */
async function readFiles({
  layers,
  baseLayers,
  loaded,
  read,
  links,
  cwd,
  main,
}: ClosureOptions): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  const add = async (path: string, required: boolean) => {
    if (files.has(path)) return;
    const found = await findInLayers(layers, path);
    if (found === undefined && required) throw new Error(`${path} is in no layer`);
    if (found === undefined || found.layer < baseLayers) return;
    bytes += found.size;
    if (files.size >= MOST_FILES || bytes > MOST_BYTES) throw new Error("the framework loads too much");
    files.set(path, await readFile(found.file));
  };
  for (const path of [...loaded, ...read, main, cwd, ...links.map(([from]) => from)]) {
    if (!path.startsWith("/") || normalize(path) !== path) throw new Error(`${path} is no absolute path`);
  }
  for (const path of [...loaded, main]) {
    if (path !== main) await add(path, true);
    for (const manifest of manifestsOf(path)) await add(manifest, false);
  }
  for (const path of read) await add(path, false);
  return files;
}

/** Every package.json that Node.js may look at for a module: up to the folder of packages that it lies in. */
function manifestsOf(path: string): string[] {
  const manifests: string[] = [];
  if (!path.includes("/node_modules/")) return manifests;
  for (let folder = dirname(path); folder !== "/" && !folder.endsWith("/node_modules"); folder = dirname(folder)) {
    manifests.push(join(folder, "package.json"));
  }
  return manifests;
}

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
