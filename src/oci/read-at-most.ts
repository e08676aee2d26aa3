/** What manifests and image configurations stay under by far, bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Reads all chunks into memory; throws a TypeError that begins with `what` when they come to more than `maxBytes`. */
export async function readAtMost(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Buffer<ArrayBuffer>> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new TypeError(`${what} is larger than ${maxBytes} bytes`);
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
