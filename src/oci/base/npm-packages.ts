import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { findProgram } from "../find-program.ts";
import { directoryEntry, symlinkEntry, type LayerEntry } from "../layers/layer-entry.ts";

/** npm lists every file of every package. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** An npm package as downloaded. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** npm's hash of the file, for example sha512-BASE64. */
  readonly integrity: string;
  readonly file: string;
}

/**
 * Downloads packages by name and version range (npm's own notation) into a folder, in the order asked for. Uses the host's npm, so that its registry, credentials, proxies and certificates apply; npm picks the
 * newest version in the range and verifies its integrity. No script of any package runs.
 */
export async function downloadWithNpm(specs: readonly string[], folder: string): Promise<NpmPackage[]> {
  const npm = findProgram("npm");
  if (npm === undefined) throw new Error("npm is needed on the PATH to fetch language runtimes");
  await mkdir(folder, { recursive: true });
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, ...specs];
  // In that folder no project's configuration applies.
  const { stdout } = await promisify(execFile)(npm, args, { cwd: folder, maxBuffer: MAX_OUTPUT_BYTES });
  const packed = JSON.parse(stdout) as (Omit<NpmPackage, "file"> & { filename: string })[];
  return packed.map(({ filename, ...rest }) => {
    const { name, version, integrity } = rest;
    return { name, version, integrity, file: join(folder, filename) };
  });
}

/** Paths in a package, below its top folder, with their content; the content must be read before the next is asked for. */
export async function* readNpmPackage(
  file: string,
): AsyncIterable<{ path: string; mode: number; size: number; content: Readable }> {
  const archive = extract();
  const reading = pipeline(createReadStream(file), createGunzip(), archive as unknown as NodeJS.WritableStream);
  reading.catch(() => {});
  for await (const entry of archive) {
    const { name, mode, size, type } = entry.header;
    const content = entry as unknown as Readable;
    // npm knows no links and gives folders no entries of their own.
    if (type === "file") yield { path: name.split("/").slice(1).join("/"), mode, size, content };
    content.resume();
  }
  await reading;
}

/**
 * The entries that install a package globally below /usr/local: its files and a link for each of its commands. `seen`
 * holds the folders that the layer has already, because a path that comes twice makes a layer that other tools refuse.
 */
export async function* globalInstallEntries(
  npmPackage: NpmPackage,
  isLeftOut: (path: string) => boolean = () => false,
  seen = new Set<string>(),
): AsyncIterable<LayerEntry> {
  const home = `usr/local/lib/node_modules/${npmPackage.name}`;
  let manifest = "{}";
  for await (const { path, mode, size, content } of readNpmPackage(npmPackage.file)) {
    if (isLeftOut(path)) continue;
    yield* parents(`${home}/${path}`, seen);
    const common = {
      type: "file" as const,
      path: `${home}/${path}`,
      mode: mode & 0o111 ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
    };
    if (path !== "package.json") {
      yield { ...common, size, content: () => content as AsyncIterable<Uint8Array> };
      continue;
    }
    const bytes = Buffer.concat(await Array.fromAsync(content as AsyncIterable<Buffer>));
    manifest = bytes.toString("utf8");
    yield { ...common, size: bytes.byteLength, content: bytes };
  }
  yield* parents("usr/local/bin/x", seen);
  for (const [command, path] of commandsOf(manifest, npmPackage.name)) {
    yield symlinkEntry(
      `usr/local/bin/${command}`,
      `../lib/node_modules/${npmPackage.name}/${path.replace(/^\.\//, "")}`,
    );
  }
}

function commandsOf(manifest: string, name: string): [string, string][] {
  const { bin } = JSON.parse(manifest) as { bin?: string | Record<string, string> };
  return typeof bin === "string" ? [[name, bin]] : Object.entries(bin ?? {});
}

/** Entries for the folders above a path that have none yet. */
export function* parents(path: string, seen: Set<string>): Iterable<LayerEntry> {
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join("/");
    if (seen.has(folder)) continue;
    seen.add(folder);
    yield directoryEntry(folder);
  }
}
