import { constants } from "node:fs";
import { open, opendir } from "node:fs/promises";
import { join } from "node:path";
import { type Component, type LayerComponents, packageUrl } from "./component.ts";
import { dpkgComponents } from "./ecosystems/dpkg.ts";
import { goComponents } from "./ecosystems/go.ts";
import { javaComponents } from "./ecosystems/java.ts";
import { isNpmManifest, npmComponents } from "./ecosystems/npm.ts";
import { isPythonMetadata, pythonComponents } from "./ecosystems/pypi.ts";

const STATUS = "var/lib/dpkg/status";
const OS_RELEASE = "usr/lib/os-release";
const NODE_VERSION = "usr/local/include/node/node_version.h";
const MAX_TEXT_BYTES = 32 * 1024 * 1024;
const MAX_PROGRAM_BYTES = 256 * 1024 * 1024;
const ELF = Buffer.from("\x7fELF", "latin1");

/**
 * What an unpacked layer holds. The files are whoever's who made the image: nothing is followed out of the folder, nothing
 * large is read whole, and what cannot be read is left out.
 */
export async function scanLayer(folder: string): Promise<LayerComponents> {
  const found: Component[] = [];
  for await (const path of filesBelow(folder, "")) {
    found.push(...(await componentsIn(folder, path).catch(() => [])));
  }
  const status = await readFile(join(folder, STATUS), MAX_TEXT_BYTES).catch(() => undefined);
  if (!status) return { found };
  const release = (await readFile(join(folder, OS_RELEASE), MAX_TEXT_BYTES).catch(() => Buffer.alloc(0))).toString();
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "";
  const distribution = dpkgComponents(status.toString("utf8"), field("ID") || "debian", field("VERSION_CODENAME"));
  return { found, distribution };
}

async function componentsIn(folder: string, path: string): Promise<Component[]> {
  const file = join(folder, path);
  if (isNpmManifest(path)) return npmComponents((await readFile(file, MAX_TEXT_BYTES)).toString("utf8"));
  if (isPythonMetadata(path)) return pythonComponents((await readFile(file, MAX_TEXT_BYTES)).toString("utf8"));
  if (path.endsWith(".jar")) return javaComponents(await readFile(file, MAX_PROGRAM_BYTES));
  if (path === NODE_VERSION) return nodeComponents((await readFile(file, MAX_TEXT_BYTES)).toString("utf8"));
  // Programs of the distribution are in its package database.
  if (path.startsWith("usr/") && !path.startsWith("usr/local/")) return [];
  return (await isProgram(file)) ? goComponents(await readFile(file, MAX_PROGRAM_BYTES)) : [];
}

function nodeComponents(header: string): Component[] {
  const part = (name: string): string =>
    new RegExp(`^#define NODE_${name}_VERSION (\\d+)$`, "m").exec(header)?.[1] ?? "";
  const version = ["MAJOR", "MINOR", "PATCH"].map(part).join(".");
  return [{ type: "application", name: "node", version, purl: packageUrl("generic", undefined, "node", version) }];
}

async function* filesBelow(folder: string, inner: string): AsyncIterable<string> {
  for await (const entry of await opendir(join(folder, inner))) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, path);
    else if (entry.isFile()) yield path;
  }
}

async function isProgram(path: string): Promise<boolean> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { mode } = await file.stat();
  if ((mode & 0o111) === 0) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(ELF.length), 0, ELF.length, 0);
  return bytesRead === ELF.length && buffer.equals(ELF);
}

async function readFile(path: string, maxBytes: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  if (size > maxBytes) throw new RangeError(`${path} is too large`);
  return await file.readFile();
}
