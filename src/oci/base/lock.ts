import type { DistributionClient } from "../distribution/client.ts";
import { isIndex, parseManifest } from "../manifest.ts";
import { readAtMost } from "../read-at-most.ts";
import { parseReference } from "../reference.ts";
import type { LayerPackage } from "./layers/layer-package.ts";

/** What a layer was composed of. The same packages give the same layer on any machine. */
export interface LockedLayer {
  /** Digest of the uncompressed layer, sha256:HEX. */
  readonly diffId: string;
  readonly title: string;
  readonly packages: readonly LayerPackage[];
}

/** The document attached to every composed image: {"layers": [LockedLayer]}, lowest first. */
export const LOCK_MEDIA_TYPE = "application/vnd.homerun.base-image.lock.v1+json";
const MAX_BYTES = 16 * 1024 * 1024;

/** Writes a lock; the same layers give the same bytes. */
export function formatLock(layers: readonly LockedLayer[]): Buffer {
  const locked = layers.map(({ diffId, title, packages }) => ({
    diffId,
    title,
    packages: packages.map(({ name, version, purl, hash }) => ({ name, version, purl, hash })),
  }));
  return Buffer.from(`${JSON.stringify({ layers: locked }, null, 2)}\n`);
}

/** The lock of an image; empty for one that has none. `reference` is by digest. */
export async function readLock(client: DistributionClient, reference: string): Promise<readonly LockedLayer[]> {
  const { host, repository, digest = "" } = parseReference(reference);
  const referrers = await client.listReferrers({ host, repository }, digest);
  const found = referrers.find(({ artifactType }) => artifactType === LOCK_MEDIA_TYPE);
  if (!found) return [];
  const { content, mediaType } = await client.getManifest({ host, repository, digest: found.digest });
  const manifest = parseManifest(content, mediaType);
  const document = isIndex(manifest) ? undefined : manifest.layers[0];
  if (!document) return [];
  const blob = await client.openBlob({ host, repository }, document.digest);
  const bytes = await readAtMost(blob, MAX_BYTES, `lock of ${reference}`);
  return (JSON.parse(bytes.toString("utf8")) as { layers: LockedLayer[] }).layers;
}
