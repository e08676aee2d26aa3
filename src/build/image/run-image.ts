import type { DistributionClient } from "../../oci/distribution/client.ts";
import type { ImageConfigFile } from "../../oci/image-config.ts";
import { choosePlatform, isIndex, type Manifest, parseManifest } from "../../oci/manifest.ts";
import { MAX_DOCUMENT_BYTES, readAtMost } from "../../oci/read-at-most.ts";
import { formatReference, type ImageReference, parseReference } from "../../oci/reference.ts";

/** An image as its registry has it. */
export interface RegistryImage {
  /** Digest reference. */
  readonly reference: string;
  readonly manifest: Manifest;
  readonly config: ImageConfigFile;
}

/** A run image with the name it was asked for by. */
export interface RunImageManifest extends RegistryImage {
  readonly name: string;
  /** The name that it is a mirror of, and its other mirrors. */
  readonly image?: string;
  readonly mirrors?: readonly string[];
}

/** Reads run images from their registry; those read by digest are remembered. */
export type ReadRunImage = (name: string, reference: string, signal: AbortSignal) => Promise<RunImageManifest>;

const MAX_REMEMBERED = 16;

/** A reader over a client. Rejects when the reference is not there or has no image for this machine. */
export function createRunImageReader(client: DistributionClient): ReadRunImage {
  const remembered = new Map<string, RegistryImage>();
  return async (name, text, signal) => {
    const known = remembered.get(text);
    if (known) return { ...known, name };
    const image = await readImage(client, parseReference(text), signal);
    if (image.reference === text) remembered.set(text, image);
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
    return { ...image, name };
  };
}

/** Reads manifest and configuration; of an index, those of the image for this machine, or a TypeError without one. */
export async function readImage(
  client: DistributionClient,
  reference: ImageReference,
  signal?: AbortSignal,
): Promise<RegistryImage> {
  const { content, mediaType, digest } = await client.getManifest(reference, signal);
  const manifest = parseManifest(content, mediaType);
  const { host, repository } = reference;
  if (isIndex(manifest)) {
    const entry = choosePlatform(manifest);
    if (!entry) throw new TypeError(`${formatReference(reference)} has no image for linux on ${process.arch}`);
    return readImage(client, { host, repository, digest: entry.digest }, signal);
  }
  const blob = await client.openBlob(reference, manifest.config.digest, signal);
  const bytes = await readAtMost(blob, MAX_DOCUMENT_BYTES, `configuration of ${formatReference(reference)}`);
  const config = JSON.parse(bytes.toString("utf8")) as ImageConfigFile;
  if (config.rootfs?.diff_ids?.length !== manifest.layers.length)
    throw new TypeError(`${formatReference(reference)}: the configuration does not fit the layers`);
  return { reference: formatReference({ host, repository, digest }), manifest, config };
}
