import type { DistributionClient } from "../../oci/distribution/client.ts";
import type { ImageConfigFile } from "../../oci/image-config.ts";
import { choosePlatform, isIndex, type Manifest, parseManifest } from "../../oci/manifest.ts";
import { MAX_DOCUMENT_BYTES, readAtMost } from "../../oci/read-at-most.ts";
import { formatReference, type ImageReference, parseReference } from "../../oci/reference.ts";
import type { RunImageManifest } from "./push-app-image.ts";

/** Reads run images from their registry; those read by digest are remembered. */
export type ReadRunImage = (name: string, reference: string, signal: AbortSignal) => Promise<RunImageManifest>;

const MAX_REMEMBERED = 16;

/** A reader over a client. Rejects when the reference is not there or has no image for this machine. */
export function createRunImageReader(client: DistributionClient): ReadRunImage {
  const remembered = new Map<string, Omit<RunImageManifest, "name">>();
  return async (name, text, signal) => {
    const known = remembered.get(text);
    if (known) return { ...known, name };
    const reference = parseReference(text);
    const { manifest, digest } = await fetchManifest(client, reference, signal);
    const { host, repository } = reference;
    const blob = await client.openBlob(reference, manifest.config.digest, signal);
    const content = await readAtMost(blob, MAX_DOCUMENT_BYTES, `configuration of ${text}`);
    const config = JSON.parse(content.toString("utf8")) as ImageConfigFile;
    const image = { reference: formatReference({ host, repository, digest }), manifest, config };
    if (reference.digest === digest) remembered.set(text, image);
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
    return { ...image, name };
  };
}

async function fetchManifest(
  client: DistributionClient,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<{ manifest: Manifest; digest: string }> {
  const fetched = await client.getManifest(reference, signal);
  const parsed = parseManifest(fetched.content, fetched.mediaType);
  if (!isIndex(parsed)) return { manifest: parsed, digest: fetched.digest };
  const entry = choosePlatform(parsed);
  if (!entry) throw new TypeError(`${formatReference(reference)} has no image for linux on ${process.arch}`);
  const { host, repository } = reference;
  return fetchManifest(client, { host, repository, digest: entry.digest }, signal);
}
