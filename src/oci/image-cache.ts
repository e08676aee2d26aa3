import { mkdirSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ids } from "../platform/ids.ts";
import type { DistributionClient, FetchedManifest } from "./distribution/client.ts";
import { RegistryClientError } from "./distribution/registry-client-error.ts";
import { parseImageConfig } from "./image-config.ts";
import { ImageNotFoundError, PlatformNotSupportedError } from "./image-errors.ts";
import { createLayerStore, type LayerStore } from "./layers/layer-store.ts";
import type { LayerLimits } from "./layers/unpack-layer.ts";
import { choosePlatform, isIndex, parseManifest, type Descriptor, type Manifest } from "./manifest.ts";
import type { ImageCache, ImageConfig, UnpackedImage } from "./oci.ts";
import { MAX_DOCUMENT_BYTES, readAtMost } from "./read-at-most.ts";
import { formatReference, parseReference, type ImageReference } from "./reference.ts";

const MOST_KNOWN = 100;

export interface ImageCacheDeps {
  /** The server's data folder; layers go below layers/, what is known of images below images/. */
  readonly dataFolder: string;
  readonly client: DistributionClient;
  readonly ids: Ids;
  /** Bounds on what one layer may unpack to. */
  readonly limits?: LayerLimits;
}

/**
 * The ImageCache of oci.ts. Digest references that were unpacked once need no registry any more, also after a restart;
 * tags are asked for each time. For an index the entry for linux on this processor counts, and its digest is the image's.
 * Rejects with ImageNotFoundError, PlatformNotSupportedError, or an error that says what is wrong with the image.
 */
export function createImageCache(deps: ImageCacheDeps): ImageCache {
  const images = join(deps.dataFolder, "images");
  mkdirSync(images, { recursive: true });
  const layers = createLayerStore({ ...deps, folder: join(deps.dataFolder, "layers") });
  const cache: Cache = { ...deps, images, layers, pulling: new Set(), known: new Map() };
  return {
    async ensure(reference, signal) {
      const parsed = parseReference(reference);
      const known = parsed.digest === undefined ? undefined : await recall(cache, parsed.digest);
      return known ?? pull(cache, parsed, signal);
    },
    async prune(digests) {
      const records = await readdir(images);
      const needed = new Set([...cache.pulling].flat());
      for (const record of records) {
        const image = await readRecord(join(images, record));
        // An index stands under its own digest too.
        const asked = record.replace("-", ":").replace(".json", "");
        const keep = image !== undefined && (digests.has(image.digest) || digests.has(asked));
        if (keep) image.config.diffIds.forEach((diffId) => needed.add(diffId));
        else await rm(join(images, record), { force: true });
        if (!keep) cache.known.delete(asked);
      }
      await layers.prune(needed);
    },
  };
}

interface Cache extends ImageCacheDeps {
  readonly images: string;
  readonly layers: LayerStore;
  /** Records that were read lately: starting an instance must not wait for the disk. */
  readonly known: Map<string, ImageRecord>;
  /** The layers of each image being pulled: not yet in a record, and still not to be pruned. */
  readonly pulling: Set<readonly string[]>;
}

/** What is kept of an image: enough to find its layers and run it. */
interface ImageRecord {
  readonly digest: string;
  readonly config: ImageConfig;
}

async function recall(cache: Cache, digest: string): Promise<UnpackedImage | undefined> {
  const record = cache.known.get(digest) ?? (await readRecord(recordPath(cache, digest)));
  if (record !== undefined) remember(cache.known, digest, record);
  const layers = record?.config.diffIds.map((diffId) => cache.layers.find(diffId));
  if (!record || !layers?.every((layer) => layer !== undefined)) return undefined;
  return { ...record, layers };
}

function remember(known: Map<string, ImageRecord>, digest: string, record: ImageRecord): void {
  known.delete(digest);
  known.set(digest, record);
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
}

async function pull(cache: Cache, reference: ImageReference, signal?: AbortSignal): Promise<UnpackedImage> {
  const fetched = await getManifest(cache, reference, signal);
  const { manifest, digest } = await imageManifest(cache, reference, fetched, signal);
  const config = parseImageConfig(await readBlob(cache, reference, manifest.config, signal));
  if (config.diffIds.length !== manifest.layers.length) {
    throw new TypeError(
      `${formatReference(reference)}: ${manifest.layers.length} layers, ${config.diffIds.length} diff ids`,
    );
  }
  cache.pulling.add(config.diffIds);
  try {
    const layers = await Promise.all(
      manifest.layers.map((layer, index) => {
        const open = () => cache.client.openBlob(reference, layer.digest, signal);
        return cache.layers.ensure(config.diffIds[index]!, open).catch((cause: unknown) => {
          signal?.throwIfAborted();
          throw new Error(`layer ${layer.digest}: ${(cause as Error).message}`, { cause });
        });
      }),
    );
    for (const name of new Set([digest, fetched.digest])) await writeRecord(cache, name, { digest, config });
    return { digest, config, layers };
  } finally {
    cache.pulling.delete(config.diffIds);
  }
}

async function getManifest(cache: Cache, reference: ImageReference, signal?: AbortSignal): Promise<FetchedManifest> {
  try {
    return await cache.client.getManifest(reference, signal);
  } catch (cause) {
    if (!(cause instanceof RegistryClientError) || cause.status !== 404) throw cause;
    throw new ImageNotFoundError(cause.message, { cause });
  }
}

async function imageManifest(
  cache: Cache,
  reference: ImageReference,
  fetched: FetchedManifest,
  signal?: AbortSignal,
): Promise<{ manifest: Manifest; digest: string }> {
  const parsed = parseManifest(fetched.content, fetched.mediaType);
  if (!isIndex(parsed)) return { manifest: parsed, digest: fetched.digest };
  const entry = choosePlatform(parsed);
  if (!entry) throw new PlatformNotSupportedError(fetched.mediaType);
  const { host, repository } = reference;
  const image = await getManifest(cache, { host, repository, digest: entry.digest }, signal);
  const manifest = parseManifest(image.content, image.mediaType);
  if (isIndex(manifest)) throw new TypeError(`${formatReference(reference)} is an index of indexes`);
  return { manifest, digest: image.digest };
}

async function readBlob(
  cache: Cache,
  reference: ImageReference,
  blob: Descriptor,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const content = await cache.client.openBlob(reference, blob.digest, signal);
  return readAtMost(content, MAX_DOCUMENT_BYTES, `configuration of ${formatReference(reference)}`);
}

function recordPath(cache: Cache, digest: string): string {
  return join(cache.images, `${digest.replace(":", "-")}.json`);
}

/** Undefined also for a record that a power failure cut off: its image is then asked for again. */
async function readRecord(path: string): Promise<ImageRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as ImageRecord;
  } catch {
    return undefined;
  }
}

async function writeRecord(cache: Cache, digest: string, record: ImageRecord): Promise<void> {
  const path = recordPath(cache, digest);
  const temporary = join(cache.dataFolder, `.image-${cache.ids.uuid()}`);
  await mkdir(cache.images, { recursive: true });
  await writeFile(temporary, JSON.stringify(record));
  await rename(temporary, path);
}
