import type { DistributionClient } from "../distribution/client.ts";
import { digestOf } from "../digest.ts";
import { formatManifest } from "../manifest.ts";
import { mediaTypes } from "../media-types.ts";
import { type ImageReference, parseReference } from "../reference.ts";

/** A document that belongs to an image. */
export interface Artifact {
  /** What kind of document it is; its content has the same media type. */
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>>;
}

const EMPTY_CONFIG = Buffer.from("{}");

/**
 * Pushes a document as a referrer of an image (image-spec, "Guidelines for Artifact Usage") and resolves with its digest.
 * The same document gives the same digest, so doing it twice is doing it once. `image` is a reference by digest.
 */
export async function attachArtifact(
  client: DistributionClient,
  image: string,
  { mediaType, content, annotations }: Artifact,
  signal?: AbortSignal,
): Promise<string> {
  const reference = parseReference(image);
  const described = await client.getManifest(reference, signal);
  const subject = {
    mediaType: described.mediaType,
    digest: described.digest,
    size: described.content.byteLength,
  };
  const config = { mediaType: mediaTypes.empty, digest: digestOf(EMPTY_CONFIG), size: EMPTY_CONFIG.byteLength };
  const layer = { mediaType, digest: digestOf(content), size: content.byteLength };
  const options = signal ? { signal } : {};
  await Promise.all([
    client.pushBlob(reference, config, EMPTY_CONFIG, options),
    client.pushBlob(reference, layer, content, options),
  ]);
  const artifact = { artifactType: mediaType, config, layers: [layer], subject };
  const manifest = formatManifest({ ...artifact, ...(annotations ? { annotations } : {}) });
  return client.putManifest(
    untagged(reference, digestOf(manifest)),
    { mediaType: mediaTypes.manifest, content: manifest },
    signal,
  );
}

function untagged({ host, repository }: ImageReference, digest: string): ImageReference {
  return { host, repository, digest };
}
