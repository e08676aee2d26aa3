import { digestOf } from "../digest.ts";
import type { ImageConfigFile } from "../image-config.ts";
import { formatManifest, type Descriptor } from "../manifest.ts";
import { mediaTypes } from "../media-types.ts";
import { parseReference } from "../reference.ts";
import type { BlobSource, DistributionClient } from "./client.ts";

/** One layer of an image to push: its descriptor and diff id, and where its bytes are if the registry lacks them. */
export interface PushLayer {
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed layer, sha256:HEX. */
  readonly diffId: string;
  /** Bytes to upload; may be left out for a layer that `mountFrom` surely holds. */
  readonly source?: BlobSource;
  /** Repository on the same registry that has the layer already, for example that of the run image. */
  readonly mountFrom?: string;
}

export interface PushedImage {
  /** Digest of the manifest, sha256:HEX; depends on nothing but the layers, the configuration and the annotations. */
  readonly digest: string;
}

/**
 * Pushes an image to each of `references` (same registry and repository or several): layers, configuration, manifest,
 * then tags. rootfs.diff_ids of the configuration is filled in from the layers.
 */
export async function pushImage(
  client: DistributionClient,
  references: readonly string[],
  image: {
    readonly layers: readonly PushLayer[];
    readonly config: Omit<ImageConfigFile, "rootfs">;
    readonly annotations?: Readonly<Record<string, string>>;
    /** Leaves the tags of the references what they are: the image is there by its digest alone. */
    readonly untagged?: boolean;
  },
  signal?: AbortSignal,
): Promise<PushedImage> {
  const rootfs = { type: "layers" as const, diff_ids: image.layers.map(({ diffId }) => diffId) };
  const configBytes = Buffer.from(JSON.stringify({ ...image.config, rootfs }));
  const config = { mediaType: mediaTypes.config, digest: digestOf(configBytes), size: configBytes.byteLength };
  const layers = image.layers.map(({ descriptor }) => descriptor);
  const { annotations } = image;
  const content = formatManifest({ config, layers, ...(annotations ? { annotations } : {}) });
  const options = signal ? { signal } : {};
  for (const reference of references.map(parseReference)) {
    await Promise.all([
      client.pushBlob(reference, config, configBytes, options),
      ...image.layers.map(({ descriptor, source, mountFrom }) =>
        client.pushBlob(reference, descriptor, source, {
          ...options,
          ...(mountFrom === undefined ? {} : { mountFrom }),
        }),
      ),
    ]);
    const { host, repository } = reference;
    const name = image.untagged ? { host, repository, digest: digestOf(content) } : reference;
    await client.putManifest(name, { mediaType: mediaTypes.manifest, content }, signal);
  }
  return { digest: digestOf(content) };
}
