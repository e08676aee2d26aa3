import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "../../platform/clock.ts";
import { hostArchive, type Archive } from "../debian/archive.ts";
import { readDeb } from "../debian/deb.ts";
import { createDownloads, type Downloads } from "../debian/downloads.ts";
import { ONLY_FOR_INSTALLING } from "../debian/only-for-installing.ts";
import { openPackageSource } from "../debian/package-source.ts";
import { mergeUsr } from "../debian/usr-merge.ts";
import { createLayerWriter } from "../layers/layer-writer.ts";

export interface ToolPackDeps {
  /** The server's data folder; packs live below tools/, downloads below cache/packages/. */
  readonly dataFolder: string;
  readonly clock: Clock;
  /** Where packages come from; the host's own archive by default. */
  readonly archive?: Archive;
  readonly downloads?: Downloads;
  readonly onProgress?: (line: string) => void;
}

/** The package of each program. */
const PACKAGES: Readonly<Record<string, string>> = { crun: "crun", ip: "iproute2", nft: "nftables" };

/** Dynamic loader and library folder by processor, as Debian has them on a merged system. */
const PLATFORMS: Readonly<Record<string, { loader: string; libraries: string }>> = {
  x64: { loader: "usr/lib64/ld-linux-x86-64.so.2", libraries: "usr/lib/x86_64-linux-gnu" },
  arm64: { loader: "usr/lib/ld-linux-aarch64.so.1", libraries: "usr/lib/aarch64-linux-gnu" },
};

/** Absolute paths of programs by their names. */
export type ToolPack = Readonly<Record<string, string>>;

/**
 * Makes sure that a folder of the data folder holds these programs with their libraries, and resolves with their paths.
 * The programs are patched to use the pack's own loader and libraries, so they run whatever the host has, also when
 * they execute themselves anew, as OCI runtimes do. A pack made before is used as it is.
 */
export async function ensureToolPack(deps: ToolPackDeps, names: readonly string[]): Promise<ToolPack> {
  const key = names.toSorted((a, b) => (a < b ? -1 : 1)).join("-");
  await mkdir(join(deps.dataFolder, "tools"), { recursive: true });
  // The programs hold absolute paths, so a pack belongs to the place where it was made.
  const home = join(await realpath(join(deps.dataFolder, "tools")), key);
  const record = join(home, "pack.json");
  const known = await readPack(record, home);
  if (known) return known;
  await rm(home, { recursive: true, force: true });
  deps.onProgress?.(`Fetching ${names.join(", ")} from the distribution's packages`);
  await unpackPackages(deps, names, home);
  const pack = Object.fromEntries(await Promise.all(names.map((name) => patch(home, name))));
  await writeFile(record, JSON.stringify({ home, pack }));
  return pack;
}

async function readPack(record: string, home: string): Promise<ToolPack | undefined> {
  const text = await readFile(record, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { home: made, pack } = JSON.parse(text) as { home: string; pack: ToolPack };
  return made === home && Object.values(pack).every((file) => existsSync(file)) ? pack : undefined;
}

async function unpackPackages(deps: ToolPackDeps, names: readonly string[], home: string): Promise<void> {
  const archive = deps.archive ?? (await hostArchive());
  const cacheFolder = join(deps.dataFolder, "cache", "packages");
  const source = await openPackageSource(
    { ...deps, cacheFolder, downloads: deps.downloads ?? createDownloads() },
    archive,
  );
  const roots = [...names.map((name) => PACKAGES[name]!), "patchelf"];
  const files = await source.fetch(source.resolve(roots, ONLY_FOR_INSTALLING));
  await mkdir(home, { recursive: true });
  const writer = createLayerWriter(home);
  for (const file of files) {
    for await (const { header, content } of readDeb(file)) {
      const name = mergeUsr(header.name);
      if (/^usr\/(s?bin|lib|lib64)(\/|$)/.test(name)) await writer.add({ ...header, name }, content);
      else content.resume();
    }
  }
}

async function patch(home: string, name: string): Promise<[string, string]> {
  const platform = PLATFORMS[process.arch];
  if (!platform) throw new Error(`programs for ${process.arch} have to be installed on the host: ${name}`);
  const [loader, libraries] = [join(home, platform.loader), join(home, platform.libraries)];
  const program = await realpath(["usr/sbin", "usr/bin"].map((folder) => join(home, folder, name)).find(existsSync)!);
  const patchelf = [loader, "--library-path", libraries, join(home, "usr/bin/patchelf")];
  // An RPATH, unlike a RUNPATH, also counts for the libraries of libraries.
  const changes = ["--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries];
  await promisify(execFile)(patchelf[0]!, [...patchelf.slice(1), ...changes, program]);
  return [name, program];
}
