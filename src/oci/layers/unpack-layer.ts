import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { hashed } from "../digest.ts";
import { decompress } from "./decompress.ts";
import { createLayerWriter } from "./layer-writer.ts";
import { UnsafeLayerError } from "./safe-path.ts";
import { writeWhiteouts } from "./whiteouts.ts";

/** Bounds on what one layer may unpack to. */
export interface LayerLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** What an honest layer stays under by far. */
export const DEFAULT_LAYER_LIMITS: LayerLimits = { maxBytes: 32 * 1024 ** 3, maxEntries: 2_000_000 };

export interface UnpackResult {
  /** Digest of the uncompressed archive, sha256:HEX, for the caller to compare with the image configuration. */
  readonly diffId: string;
  readonly sizeBytes: number;
}

/**
 * Unpacks one layer (plain, gzip or zstd tar) into an empty folder as root: owners, modes, times, symbolic and hard
 * links; whiteouts in overlayfs form. Device nodes and pipes are left out: sandboxes bring their own /dev. Nothing is
 * written or linked outside `folder`, whatever the archive says. Throws UnsafeLayerError for an archive that tries, or
 * that exceeds the limits; the folder's content is then worthless.
 */
export async function unpackLayer(
  chunks: AsyncIterable<Uint8Array>,
  folder: string,
  limits: LayerLimits = DEFAULT_LAYER_LIMITS,
): Promise<UnpackResult> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const counted = async function* (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of hashed(source, hash)) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > limits.maxBytes)
        throw new UnsafeLayerError(`layer unpacks to more than ${limits.maxBytes} bytes`);
      yield chunk;
    }
  };
  const archive = extract();
  const reading = pipeline(
    Readable.from(counted(await decompress(chunks))),
    archive as unknown as NodeJS.WritableStream,
  );
  reading.catch(() => {});
  const writer = createLayerWriter(folder);
  let entries = 0;
  for await (const entry of archive) {
    if (++entries > limits.maxEntries) throw new UnsafeLayerError(`layer has more than ${limits.maxEntries} entries`);
    await writer.add(entry.header, entry as unknown as Readable);
  }
  await reading;
  await writeWhiteouts(folder, writer.finish());
  return { diffId: `sha256:${hash.digest("hex")}`, sizeBytes };
}
