import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, parseDigest } from "../../oci/digest.ts";
import { parseImageConfig } from "../../oci/image-config.ts";
import type { LayerStore } from "../../oci/layers/layer-store.ts";
import { isIndex, parseManifest } from "../../oci/manifest.ts";
import type { UnpackedImage } from "../../oci/oci.ts";
import { MAX_DOCUMENT_BYTES } from "../../oci/read-at-most.ts";

/**
 * Unpacks an image that podman has written to a folder (containers-transports(5), "dir:"). The image is the user's: it
 * is checked as any pulled one. Throws a TypeError or one of the errors of the layer store.
 */
export async function unpackExportedImage(folder: string, layers: LayerStore): Promise<UnpackedImage> {
  const content = await readDocument(join(folder, "manifest.json"));
  const { mediaType } = JSON.parse(content.toString()) as { mediaType: string };
  const manifest = parseManifest(content, mediaType);
  if (isIndex(manifest)) throw new TypeError("an index in place of an image");
  const config = parseImageConfig(await readDocument(blobPath(folder, manifest.config.digest)));
  if (config.diffIds.length !== manifest.layers.length) throw new TypeError("not as many layers as diff ids");
  const folders = manifest.layers.map(async ({ digest }, index) =>
    layers.ensure(config.diffIds[index]!, async () => createReadStream(blobPath(folder, digest))),
  );
  return { digest: digestOf(content), config, layers: await Promise.all(folders) };
}

function blobPath(folder: string, digest: string): string {
  const parsed = parseDigest(digest);
  if (!parsed) throw new TypeError(`invalid digest: ${digest}`);
  return join(folder, parsed.hex);
}

async function readDocument(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MAX_DOCUMENT_BYTES) throw new TypeError(`${path} is larger than ${MAX_DOCUMENT_BYTES} bytes`);
  return readFile(path);
}
