import { Readable } from "node:stream";
import { BlobNotFoundError, BlobOffsetError, type Blobs } from "../../src/platform/blobs/blobs.ts";

/** Blobs in a map that outlives whoever uses them; for tests in which processes die. */
export function memoryBlobs(contents: Map<string, Buffer>): Blobs {
  return {
    async put(key, content) {
      const bytes = await bytesOf(content);
      contents.set(key, bytes);
      return { sizeBytes: bytes.length };
    },
    async stat(key) {
      const bytes = contents.get(key);
      return bytes && { sizeBytes: bytes.length };
    },
    async open(key, { start = 0, end } = { start: 0 }) {
      const bytes = contents.get(key);
      if (!bytes) throw new BlobNotFoundError(`there is no blob ${key}`);
      return Readable.from([bytes.subarray(start, end === undefined ? undefined : end + 1)]);
    },
    async delete(key) {
      contents.delete(key);
    },
    async *list(prefix) {
      yield* [...contents.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    async append(key, offset, content) {
      const present = contents.get(key) ?? Buffer.alloc(0);
      if (present.length !== offset) throw new BlobOffsetError(key, offset, present.length);
      const bytes = Buffer.concat([present, await bytesOf(content)]);
      contents.set(key, bytes);
      return { sizeBytes: bytes.length };
    },
    localPath: () => undefined,
  };
}

async function bytesOf(content: Readable | Buffer): Promise<Buffer> {
  if (Buffer.isBuffer(content)) return content;
  return Buffer.concat(await Array.fromAsync(content as AsyncIterable<Uint8Array>));
}
