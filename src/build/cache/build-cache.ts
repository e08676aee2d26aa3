import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { copyFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLayerStore, type LayerStore } from "../../oci/layers/layer-store.ts";
import type { Ids } from "../../platform/ids.ts";
import type { BuildpackRecord, BuiltLayerRecord, PreviousLayer, RestoreRequest } from "../lifecycle/exchange.ts";
import type { RepeatableBuild } from "../unchanged/use-again.ts";
import { type CachedArchive, type ImageRecord, parseImageRecord } from "./image-record.ts";

export interface BuildCacheDeps {
  /** Holds one folder per cache key. */
  readonly folder: string;
  readonly ids: Ids;
}

/** What builds leave for later builds: one world per cache key, so that nothing passes from one project to another. */
export interface BuildCache {
  open(cacheKey: string, repository: string): OpenedCache;
}

/** The cache as one build of the image in `repository` sees it; what it refers to stays until it is disposed. */
export interface OpenedCache extends Disposable {
  /** A folder that builds with the key share, for the download caches of package managers. */
  readonly volume: string;
  /** What the lifecycle may restore. */
  readonly restore: RestoreRequest;
  /** Unpacked cached layers: folders to lay below the root of the sandbox. */
  readonly layers: readonly string[];
  /** Layers of the previous image that the new one may use again, by diff id. */
  readonly archives: ReadonlyMap<string, CachedArchive>;
  /** File with the compressed archive of a kept layer. */
  blobFile(archive: CachedArchive): string;
  /** The previous build of the image, if it is one that would make the same again. */
  readonly built: RepeatableBuild | undefined;
  /** Remembers a build: its archives' files move into the cache. */
  save(
    buildpacks: readonly BuildpackRecord[],
    archives: readonly SavedArchive[],
    built?: RepeatableBuild,
  ): Promise<void>;
}

export interface SavedArchive extends CachedArchive {
  /** Where the compressed archive is now; undefined when the cache has it already. */
  readonly file: string | undefined;
}

/** Images of a key that are remembered; beyond that the longest unused are forgotten. */
const MAX_RECORDS = 64;

interface Key {
  readonly folder: string;
  readonly layers: LayerStore;
  /** Open caches, with the diff ids they need. */
  readonly users: Set<ReadonlySet<string>>;
}

/** Opens the cache below a folder. */
export function createBuildCache(deps: BuildCacheDeps): BuildCache {
  const keys = new Map<string, Key>();
  const keyOf = (cacheKey: string): Key => {
    const known = keys.get(cacheKey);
    if (known) return known;
    const folder = join(deps.folder, hashed(cacheKey));
    for (const name of ["images", "blobs", "volume"]) mkdirSync(join(folder, name), { recursive: true });
    const layers = createLayerStore({ folder: join(folder, "layers"), ids: deps.ids });
    const key = { folder, layers, users: new Set<ReadonlySet<string>>() };
    keys.set(cacheKey, key);
    return key;
  };
  return { open: (cacheKey, repository) => openCache(deps, keyOf(cacheKey), repository) };
}

function openCache(deps: BuildCacheDeps, key: Key, repository: string): OpenedCache {
  const path = join(key.folder, "images", `${hashed(repository)}.json`);
  const own = readRecord(path);
  const record = own ?? launchLayersOfSiblings(key, repository);
  const archives = new Map((record?.archives ?? []).map((archive) => [archive.diffId, archive]));
  const isKept = ({ digest }: CachedArchive): boolean => existsSync(blobPath(key, digest));
  const kept = new Map([...archives].filter(([, archive]) => isKept(archive)));
  const inUse = new Set(kept.keys());
  key.users.add(inUse);
  const restored = (record?.buildpacks ?? []).map((buildpack) => toRestore(key, buildpack, kept));
  const folders = restored.flatMap(({ layers }) =>
    Object.values(layers).flatMap(({ present, sha }) => (present ? [key.layers.find(sha)!] : [])),
  );
  return {
    volume: join(key.folder, "volume"),
    restore: { buildpacks: restored },
    layers: [...new Set(folders)],
    archives: kept,
    blobFile: ({ digest }) => blobPath(key, digest),
    built: own?.built,
    async save(buildpacks, saved, built) {
      for (const archive of saved) await keepArchive(key, archive);
      const content: ImageRecord = {
        repository,
        buildpacks,
        archives: saved.map(({ diffId, digest, size, cache }) => ({ diffId, digest, size, cache })),
        ...(built && { built }),
      };
      const temporary = join(key.folder, `.${deps.ids.uuid()}`);
      await writeFile(temporary, JSON.stringify(content));
      await rename(temporary, path);
      await prune(key, inUse);
    },
    [Symbol.dispose]: () => void key.users.delete(inUse),
  };
}

/**
 * What the first build of an image may use: layers that other images of the project have only for launch. Their
 * buildpacks decide by the metadata whether they fit; everything else that builds leave behind stays with its image.
 */
function launchLayersOfSiblings(key: Key, repository: string): ImageRecord | undefined {
  const records = recordPaths(key).flatMap((path) => readRecord(path) ?? []);
  const buildpacks = new Map<string, BuildpackRecord>();
  for (const sibling of records.flatMap(({ buildpacks }) => buildpacks)) {
    const known = buildpacks.get(sibling.key)?.layers;
    const fitting = Object.entries(sibling.layers).filter(([, { launch, cache, build }]) => launch && !cache && !build);
    const { key: id, version } = sibling;
    buildpacks.set(id, { key: id, version, layers: { ...Object.fromEntries(fitting), ...known } });
  }
  return { repository, buildpacks: [...buildpacks.values()], archives: records.flatMap(({ archives }) => archives) };
}

function toRestore(
  key: Key,
  buildpack: BuildpackRecord,
  kept: ReadonlyMap<string, CachedArchive>,
): RestoreRequest["buildpacks"][number] {
  const layers = Object.entries(buildpack.layers).flatMap(([name, layer]): [string, PreviousLayer][] =>
    kept.has(layer.sha) ? [[name, restoredLayer(key, layer, kept)]] : [],
  );
  return {
    key: buildpack.key,
    layers: Object.fromEntries(layers),
    ...(buildpack.store ? { store: buildpack.store } : {}),
  };
}

function restoredLayer(
  key: Key,
  { sbom, ...layer }: BuiltLayerRecord,
  kept: ReadonlyMap<string, CachedArchive>,
): PreviousLayer {
  const present = layer.cache && key.layers.find(layer.sha) !== undefined;
  const sboms = Object.entries(sbom ?? {}).filter(([, digest]) => kept.has(digest));
  return { ...layer, present, ...(sboms.length > 0 ? { sbom: Object.fromEntries(sboms) } : {}) };
}

async function keepArchive(key: Key, { file, digest, diffId, cache }: SavedArchive): Promise<void> {
  const path = blobPath(key, digest);
  if (file !== undefined && !existsSync(path)) await moveFile(file, path);
  if (cache) await key.layers.ensure(diffId, async () => createReadStream(path));
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyFile(from, `${to}.unfinished`);
    renameSync(`${to}.unfinished`, to);
  }
}

/** Deletes what no remembered image and no running build needs. */
async function prune(key: Key, own: ReadonlySet<string>): Promise<void> {
  const byAge = recordPaths(key);
  for (const path of byAge.slice(MAX_RECORDS)) rmSync(path);
  const records = byAge.slice(0, MAX_RECORDS).flatMap((path) => readRecord(path) ?? []);
  const needed = records.flatMap(({ archives }) => archives);
  const digests = new Set(needed.map(({ digest }) => digest.replace(":", "-")));
  const running = new Set([...key.users].filter((user) => user !== own).flatMap((user) => [...user]));
  // A running build may use any layer that was there when it began; the next build cleans up after it.
  if (running.size > 0) return;
  for (const name of readdirSync(join(key.folder, "blobs"))) {
    if (!digests.has(name)) rmSync(join(key.folder, "blobs", name), { force: true });
  }
  await key.layers.prune(new Set(needed.filter(({ cache }) => cache).map(({ diffId }) => diffId)));
}

/** Files of the remembered images, the one built last first. */
function recordPaths(key: Key): string[] {
  const folder = join(key.folder, "images");
  const paths = readdirSync(folder).map((name) => join(folder, name));
  return paths.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}

function readRecord(path: string): ImageRecord | undefined {
  return existsSync(path) ? parseImageRecord(readFileSync(path, "utf8")) : undefined;
}

function blobPath(key: Key, digest: string): string {
  return join(key.folder, "blobs", digest.replace(":", "-"));
}

function hashed(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
