import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import { writeDurably } from "../../platform/write-durably.ts";
import { composeArchive } from "../debian/archive.ts";
import { createDownloads } from "../debian/downloads.ts";
import { ONLY_FOR_INSTALLING } from "../debian/only-for-installing.ts";
import { openPackageSource } from "../debian/package-source.ts";
import { writeLayer, type WrittenLayer } from "../layers/write-layer.ts";
import { baseEntries } from "./base-entries.ts";
import { debianPackages, type LayerPackage } from "./layers/layer-package.ts";
import { BASE_PACKAGES } from "./packages.ts";

export interface BaseLayerDeps {
  /** The server's data folder; the layer is kept below base-images/, downloads below cache/packages/. */
  readonly dataFolder: string;
  readonly clock: Clock;
  /** The Debian release to take. */
  readonly codename: string;
  /** A mirror in place of the one in the host's apt sources. */
  readonly debianMirror?: string;
  /** Composes from the newest packages, whatever was composed before. */
  readonly isFresh?: boolean;
}

/** The layer that all runtimes of a release share, and the system it holds. */
export interface BaseLayer extends WrittenLayer {
  readonly distribution: string;
  readonly codename: string;
  readonly packages?: readonly LayerPackage[];
}

/** Which way of composing made a layer; a new number makes new images. */
export const BASE_RECIPE = 2;

const FOLDER = "base-images";

/** The base layer, composed from packages unless that was done before in this data folder. */
export async function ensureBaseLayer(deps: BaseLayerDeps, onProgress: (line: string) => void): Promise<BaseLayer> {
  const folder = join(deps.dataFolder, FOLDER);
  const file = join(folder, `base-${deps.codename}-${BASE_RECIPE}.tar`);
  const record = join(folder, recordName(deps.codename));
  const known = await readFile(record, "utf8").catch(() => undefined);
  const kept = known === undefined ? undefined : ({ ...JSON.parse(known), file } as BaseLayer);
  // A power failure may have cut the file short.
  const size = await stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
  if (!deps.isFresh && kept && kept.descriptor.size === size) return kept;
  await mkdir(folder, { recursive: true });
  // Another process may be at it, too.
  const part = `${file}.${process.pid}.part`;
  const layer = await compose(deps, part, onProgress);
  await rename(part, file);
  await writeDurably(record, JSON.stringify(layer));
  return { ...layer, file };
}

/** Versions of the packages of the base layer that is there, by name; empty while there is none. */
export async function baseVersions(dataFolder: string, codename: string): Promise<ReadonlyMap<string, string>> {
  const known = await readFile(join(dataFolder, FOLDER, recordName(codename)), "utf8").catch(() => "{}");
  const { packages = [] } = JSON.parse(known) as Partial<BaseLayer>;
  return new Map(packages.map(({ name, version }) => [name, version]));
}

function recordName(codename: string): string {
  return `base-${codename}-${BASE_RECIPE}.json`;
}

async function compose(deps: BaseLayerDeps, file: string, onProgress: (line: string) => void): Promise<BaseLayer> {
  const archive = await composeArchive(deps.codename, deps.debianMirror);
  const cacheFolder = join(deps.dataFolder, "cache", "packages");
  onProgress(`Reading the package lists of ${archive.distribution} ${archive.codename}`);
  const source = await openPackageSource(
    { cacheFolder, downloads: createDownloads(), clock: deps.clock, onProgress },
    archive,
  );
  const packages = source.resolve(BASE_PACKAGES, ONLY_FOR_INSTALLING);
  const megabytes = packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
  onProgress(`Fetching ${packages.length} packages (${megabytes.toFixed(1)} MB)`);
  const files = await source.fetch(packages);
  onProgress("Composing the base layer");
  const items = packages.map((item, index) => ({ package: item, file: files[index]! }));
  // Not compressed: the bytes, and so the digest, depend on the packages alone, whatever compressor a machine has.
  const layer = await writeLayer(baseEntries(items), file, "none");
  const { distribution, codename } = archive;
  return { ...layer, distribution, codename, packages: debianPackages(packages, distribution) };
}
