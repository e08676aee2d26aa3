import { attachArtifact } from "../attestations/attach-artifact.ts";
import type { DistributionClient } from "../distribution/client.ts";
import { pushImage, type PushLayer } from "../distribution/push-image.ts";
import type { ImageConfigFile } from "../image-config.ts";
import type { WrittenLayer } from "../layers/write-layer.ts";
import { isIndex, parseManifest } from "../manifest.ts";
import { formatReference, parseReference } from "../reference.ts";
import type { LayerPackage } from "./layers/layer-package.ts";
import { formatLock, LOCK_MEDIA_TYPE, readLock } from "./lock.ts";

/** A layer of an image that is put together. */
export interface ComposedLayer extends PushLayer {
  readonly title: string;
  readonly packages: readonly LayerPackage[];
}

/** Pushes an image with its lock; resolves with the digest reference. */
export async function pushComposed(
  client: DistributionClient,
  references: readonly string[],
  layers: readonly ComposedLayer[],
  config: Omit<ImageConfigFile, "rootfs">,
): Promise<string> {
  const { digest } = await pushImage(client, references, { layers, config });
  const reference = byDigest(references[0]!, digest);
  await attachArtifact(client, reference, { mediaType: LOCK_MEDIA_TYPE, content: formatLock(layers) });
  return reference;
}

/** The layers of an image that was pushed by pushComposed, to be taken over into others on the same registry. */
export async function readComposed(
  client: DistributionClient,
  reference: string,
): Promise<{ layers: ComposedLayer[]; config: ImageConfigFile }> {
  const parsed = parseReference(reference);
  const { content, mediaType } = await client.getManifest(parsed);
  const manifest = parseManifest(content, mediaType);
  if (isIndex(manifest)) throw new TypeError(`${reference} is not a single image`);
  const bytes = await Array.fromAsync(await client.openBlob(parsed, manifest.config.digest));
  const config = JSON.parse(Buffer.concat(bytes).toString("utf8")) as ImageConfigFile;
  const locked = new Map((await readLock(client, reference)).map((layer) => [layer.diffId, layer]));
  const layers = manifest.layers.map((descriptor, index) => {
    const diffId = config.rootfs.diff_ids[index]!;
    const { title = config.history?.[index]?.created_by ?? "", packages = [] } = locked.get(diffId) ?? {};
    return { descriptor, diffId, mountFrom: parsed.repository, title, packages };
  });
  return { layers, config };
}

/** A layer as it was written to a file. */
export function fromFile(
  { descriptor, diffId, file, packages = [] }: WrittenLayer & { readonly packages?: readonly LayerPackage[] },
  title: string,
): ComposedLayer {
  return { descriptor, diffId, source: { file }, title, packages };
}

/** The reference of an image by its digest, from a reference or name of it. */
export function byDigest(reference: string, digest: string): string {
  const { host, repository } = parseReference(reference);
  return formatReference({ host, repository, digest });
}
