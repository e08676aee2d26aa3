import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import type { PushLayer } from "../../oci/distribution/push-image.ts";
import { RegistryClientError } from "../../oci/distribution/registry-client-error.ts";
import type { Descriptor } from "../../oci/manifest.ts";
import type { ImageReference } from "../../oci/reference.ts";
import type { RegistryImage } from "./run-image.ts";

/** Where layers are, and where they are wanted. */
export interface Transfer {
  readonly client: DistributionClient;
  readonly source: ImageReference;
  readonly destination: ImageReference;
  /** A folder on the host for what has to be downloaded. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
}

/** The layers of an image, ready to be pushed: those on the same host are taken over, those on another one are copied. */
export async function copyLayers(
  { manifest, config }: Pick<RegistryImage, "manifest" | "config">,
  transfer: Transfer,
): Promise<PushLayer[]> {
  const isSameHost = transfer.source.host === transfer.destination.host;
  const layers: PushLayer[] = [];
  for (const [index, descriptor] of manifest.layers.entries()) {
    const layer = { descriptor, diffId: config.rootfs.diff_ids[index]! };
    const origin = isSameHost ? { mountFrom: transfer.source.repository } : await bringOver(transfer, descriptor);
    layers.push({ ...layer, ...origin });
  }
  return layers;
}

/** Makes a blob of another host available: one registry may answer for both, otherwise it is downloaded. */
async function bringOver(transfer: Transfer, descriptor: Descriptor): Promise<Pick<PushLayer, "source">> {
  const { client, source, destination, signal } = transfer;
  try {
    await client.pushBlob(destination, descriptor, undefined, { mountFrom: source.repository, signal });
    return {};
  } catch (error) {
    if (!(error instanceof RegistryClientError)) throw error;
    return { source: { file: await download(transfer, descriptor) } };
  }
}

async function download({ client, source, workFolder, signal }: Transfer, { digest }: Descriptor): Promise<string> {
  const file = join(workFolder, digest.replace(":", "-"));
  await rm(file, { force: true });
  await pipeline(await client.openBlob(source, digest, signal), createWriteStream(file), { signal });
  return file;
}
