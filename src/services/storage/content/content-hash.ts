import { createHash } from "node:crypto";
import type { ContentStore } from "../../../platform/blobs/content-store.ts";
import { crc32c } from "../../../platform/crc32c.ts";

/** Size and checksums of some content. */
export interface ContentDigest {
  readonly sizeBytes: number;
  /** 16 bytes. */
  readonly md5: Uint8Array;
  readonly crc32c: number;
}

/** Checksums that a client sent along; absent ones are not checked. */
export interface ExpectedChecksums {
  readonly md5?: Uint8Array | undefined;
  readonly crc32c?: number | undefined;
}

/** Takes content as it passes. */
export interface ContentHash {
  /** The same chunks, counted and hashed. */
  through(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  digest(): ContentDigest;
}

export function createContentHash(): ContentHash {
  const md5 = createHash("md5");
  let crc = 0;
  let sizeBytes = 0;
  return {
    async *through(content) {
      for await (const chunk of content) {
        md5.update(chunk);
        crc = crc32c(chunk, crc);
        sizeBytes += chunk.length;
        yield chunk;
      }
    },
    digest: () => ({ sizeBytes, md5: md5.digest(), crc32c: crc }),
  };
}

/** Stores content with its checksums. */
export async function putHashed(contentStore: ContentStore, content: AsyncIterable<Uint8Array>) {
  const hash = createContentHash();
  const stored = await contentStore.put(hash.through(content));
  return { content: stored.content, ...hash.digest() };
}

/** Size and checksums of stored content. */
export async function hashStored(contentStore: ContentStore, id: string): Promise<ContentDigest> {
  const hash = createContentHash();
  for await (const _ of hash.through(await contentStore.open(id)));
  return hash.digest();
}

/** CRC-32C as the JSON and XML APIs write it: base64 of four bytes, big-endian. */
export function crc32cToBase64(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
}

/** The reverse of crc32cToBase64; undefined when it is not four bytes. */
export function crc32cFromBase64(text: string): number | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined;
}
