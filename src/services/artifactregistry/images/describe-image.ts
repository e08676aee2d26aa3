import type { StoredManifest } from "../../../oci/distribution/storage.ts";
import { type Index, InvalidManifestError, isIndex, type Manifest, parseManifest } from "../../../oci/manifest.ts";
import { LIMITS } from "../limits.ts";
import type { RegistryModel } from "../model.ts";
import type { Place } from "./place.ts";

/** What Artifact Registry shows of an image besides its manifest. */
export interface ImageDescription {
  /** Configuration and layers as they are stored; of an index, those of its images that are there. */
  readonly imageSizeBytes: number;
  readonly buildTimeMs: number | undefined;
}

type DescribeDeps = Pick<RegistryModel, "imageStore" | "blobStore" | "contentStore">;

/** Reads size and build time out of a manifest and what it names. */
export async function describeImage(
  deps: DescribeDeps,
  place: Place,
  { content, mediaType }: StoredManifest,
): Promise<ImageDescription> {
  const manifest = parseOrUndefined(content, mediaType);
  if (!manifest) return { imageSizeBytes: content.byteLength, buildTimeMs: undefined };
  if (isIndex(manifest)) return { imageSizeBytes: await sizeOfIndex(deps, place, manifest), buildTimeMs: undefined };
  const { config, layers } = manifest;
  const imageSizeBytes = layers.reduce((sum, layer) => sum + layer.size, config.size);
  return { imageSizeBytes, buildTimeMs: await buildTimeOf(deps, place, manifest) };
}

/** Digests of the blobs and manifests that a manifest names. */
export function namedBy(content: Uint8Array, mediaType: string): string[] {
  const manifest = parseOrUndefined(content, mediaType);
  if (!manifest) return [];
  const named = isIndex(manifest) ? manifest.manifests : [manifest.config, ...manifest.layers];
  return named.map(({ digest }) => digest);
}

async function sizeOfIndex({ imageStore }: DescribeDeps, place: Place, index: Index): Promise<number> {
  let size = 0;
  for (const { digest } of index.manifests) size += (await imageStore.getManifest(place, digest))?.imageSizeBytes ?? 0;
  return size;
}

async function buildTimeOf(
  { blobStore, contentStore }: DescribeDeps,
  place: Place,
  { config }: Manifest,
): Promise<number | undefined> {
  const blob = await blobStore.get(place, config.digest);
  if (!blob || blob.sizeBytes > LIMITS.configBytes) return undefined;
  const chunks = await Array.fromAsync((await contentStore.open(blob.content)) as AsyncIterable<Uint8Array>);
  return createdOf(Buffer.concat(chunks).toString("utf8"));
}

/** Configurations of artifacts that are no images may be anything. */
function createdOf(config: string): number | undefined {
  try {
    const { created } = JSON.parse(config) as { created?: unknown };
    const timeMs = Date.parse(String(created));
    return Number.isNaN(timeMs) ? undefined : timeMs;
  } catch {
    return undefined;
  }
}

function parseOrUndefined(content: Uint8Array, mediaType: string): Manifest | Index | undefined {
  try {
    return parseManifest(content, mediaType);
  } catch (error) {
    if (error instanceof InvalidManifestError) return undefined;
    throw error;
  }
}
