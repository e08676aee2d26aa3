import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/**
 * Decompresses gzip and zstd and passes a plain archive on, told apart by the first bytes: media types of old images
 * are not to be trusted. The result ends with an error when the compressed data is damaged.
 */
export async function decompress(chunks: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const source = chunks[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  while (head.reduce((sum, chunk) => sum + chunk.byteLength, 0) < 4) {
    const next = await source.next();
    if (next.done) break;
    head.push(next.value);
  }
  const decoder = decoderFor(Buffer.concat(head));
  const whole = joined(head, source);
  if (!decoder) return whole;
  // A failure on either side ends the other, and the reader sees it.
  return pipeline(Readable.from(whole), decoder, () => {});
}

function decoderFor(head: Buffer): Transform | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip();
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined;
}

async function* joined(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
