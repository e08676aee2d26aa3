import { createReadStream, existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import type { Clock } from "../../platform/clock.ts";
import type { Archive, ArchiveSuite } from "./archive.ts";
import type { Downloads } from "./downloads.ts";
import { openPackagesIndex, type BinaryPackage, type PackagesIndex } from "./packages-index.ts";
import { readRelease, SignatureError, type Release } from "./release.ts";
import { resolvePackages } from "./resolve.ts";
import { decompressXz } from "./xz.ts";

export interface PackageSourceDeps {
  /** Keeps release files, indexes and packages; safe to delete. */
  readonly cacheFolder: string;
  readonly downloads: Downloads;
  readonly clock: Clock;
  readonly onProgress?: (line: string) => void;
}

/** An archive whose indexes have been verified. */
export interface PackageSource {
  /** What os-release calls the distribution. */
  readonly distribution: string;
  /** The newest packages of these names with their dependencies, except `without`, sorted by name. */
  resolve(names: readonly string[], without?: ReadonlySet<string>): BinaryPackage[];
  /** Downloads the packages, verified, and resolves with their files in the same order. */
  fetch(packages: readonly BinaryPackage[], signal?: AbortSignal): Promise<string[]>;
}

/** Debian's names of the processors that Node.js runs on. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "armhf",
  ppc64: "ppc64el",
};

/**
 * Opens an archive: fetches each suite's release file, verifies its signature and age, then its package indexes against
 * it. When the mirror cannot be reached, what was fetched before is used, with the same verification but for its age.
 */
export async function openPackageSource(
  deps: PackageSourceDeps,
  archive: Archive,
  signal?: AbortSignal,
): Promise<PackageSource> {
  const releases = await fetchReleases(deps, archive, signal);
  const wanted = releases.flatMap(({ suite, release }) =>
    suite.components.map((component) => indexDownload(deps, suite, component, release)),
  );
  await deps.downloads(wanted, signal);
  const indexes = await Promise.all(wanted.map(({ file, baseUrl }) => readIndex(file, baseUrl)));
  await dropOldIndexes(deps, archive, new Set(wanted.map(({ file }) => file)));
  return {
    distribution: archive.distribution,
    resolve: (names, without) => resolvePackages(indexes, names, without),
    async fetch(packages, abort) {
      const downloads = packages.map(({ name, url, sha256 }) => ({
        url,
        sha256,
        file: join(deps.cacheFolder, "packages", `${name}-${sha256}.deb`),
      }));
      await deps.downloads(downloads, abort);
      return downloads.map(({ file }) => file);
    },
  };
}

interface VerifiedSuite {
  readonly suite: ArchiveSuite;
  readonly release: Release;
}

async function fetchReleases(
  deps: PackageSourceDeps,
  archive: Archive,
  signal?: AbortSignal,
): Promise<VerifiedSuite[]> {
  const files = archive.suites.map((suite) => join(deps.cacheFolder, `${suiteKey(suite)}.InRelease`));
  const downloads = archive.suites.map(({ uri, suite }, index) => ({
    url: `${uri}/dists/${suite}/InRelease`,
    file: files[index]!,
  }));
  let fresh = true;
  try {
    await deps.downloads(downloads, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!files.every((file) => existsSync(file))) throw error;
    deps.onProgress?.("The package mirror cannot be reached; using what was fetched before");
    fresh = false;
  }
  return Promise.all(
    archive.suites.map(async (suite, index) => {
      const release = await readRelease(await readFile(files[index]!, "utf8"), archive.keyrings);
      if (fresh && release.validUntilMs !== undefined && release.validUntilMs < deps.clock.nowMs()) {
        throw new SignatureError(`the release file of ${suite.suite} is no longer valid`);
      }
      return { suite, release };
    }),
  );
}

function indexDownload(
  deps: PackageSourceDeps,
  archiveSuite: ArchiveSuite,
  component: string,
  release: Release,
): { url: string; file: string; sha256: string; baseUrl: string } {
  const { uri, suite } = archiveSuite;
  const folder = `${component}/binary-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const ending = [".xz", ".gz"].find((candidate) => release.files.has(`${folder}/Packages${candidate}`));
  if (ending === undefined) throw new Error(`${suite} has no packages for this machine in ${component}`);
  const { sha256 } = release.files.get(`${folder}/Packages${ending}`)!;
  const path = release.byHash ? `by-hash/SHA256/${sha256}` : `Packages${ending}`;
  return {
    url: `${uri}/dists/${suite}/${folder}/${path}`,
    file: join(deps.cacheFolder, `${indexPrefix(archiveSuite)}${sha256}${ending}`),
    sha256,
    baseUrl: uri,
  };
}

async function readIndex(file: string, baseUrl: string): Promise<PackagesIndex> {
  const compressed = createReadStream(file);
  const plain = file.endsWith(".xz") ? decompressXz(compressed) : compressed.pipe(createGunzip());
  return openPackagesIndex(Buffer.concat(await Array.fromAsync(plain as AsyncIterable<Uint8Array>)), baseUrl);
}

/** Deletes what earlier states of these suites left; other releases share the folder. */
async function dropOldIndexes(deps: PackageSourceDeps, { suites }: Archive, keep: ReadonlySet<string>): Promise<void> {
  const prefixes = suites.map(indexPrefix);
  const names = (await readdir(deps.cacheFolder)).filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  const old = names.map((name) => join(deps.cacheFolder, name)).filter((file) => !keep.has(file));
  await Promise.all(old.filter((file) => !file.endsWith(".part")).map((file) => rm(file, { force: true })));
}

function indexPrefix(suite: ArchiveSuite): string {
  return `Packages-${suiteKey(suite)}-`;
}

function suiteKey({ uri, suite }: ArchiveSuite): string {
  return `${suite}-${createHash("sha256").update(uri).digest("hex").slice(0, 12)}`;
}
