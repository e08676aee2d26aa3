import type { Readable } from "node:stream";

/**
 * Durable content by key: files under the data folder, or an S3 bucket.
 * Keys are paths of [A-Za-z0-9._=-] segments (none of them "." or "..", at most 200 characters each, 1024 in all);
 * any other key rejects with a TypeError. Changes of one key do not overlap: the caller orders them.
 */
export interface Blobs {
  /** Stores the whole stream under `key`, durable (fsync) when it resolves; nothing is visible before. Replaces. */
  put(key: string, content: Readable | Buffer): Promise<BlobInfo>;
  stat(key: string): Promise<BlobInfo | undefined>;
  /** Content from `start` to `end` (both inclusive, bytes), as it is now; rejects with BlobNotFoundError when absent. */
  open(key: string, range?: { readonly start: number; readonly end?: number }): Promise<Readable>;
  /** No error when absent. */
  delete(key: string): Promise<void>;
  /** Keys that start with `prefix` ("a/b" covers "a/bc" too; "a/b/" does not), in order of their bytes. */
  list(prefix: string): AsyncIterable<string>;
  /**
   * Adds to a growing content (resumable uploads, growing logs), which begins with `offset` 0; durable when it resolves,
   * and visible as it grows. Rejects with BlobOffsetError unless `offset` is the present size. When the stream fails,
   * what had arrived stays: stat says how much.
   */
  append(key: string, offset: number, content: Readable | Buffer): Promise<BlobInfo>;
  /** A path of the local file system when blobs are files: lets the floors below avoid copies. Read only. */
  localPath(key: string): string | undefined;
}

export interface BlobInfo {
  readonly sizeBytes: number;
}

/** There is no content under the key. */
export class BlobNotFoundError extends Error {
  override name = "BlobNotFoundError";
}

/** An append at another place than the end; `sizeBytes` is where the end is. */
export class BlobOffsetError extends Error {
  override name = "BlobOffsetError";
  readonly sizeBytes: number;

  constructor(key: string, offset: number, sizeBytes: number) {
    super(`${key} has ${sizeBytes} bytes: nothing can be appended at ${offset}`);
    this.sizeBytes = sizeBytes;
  }
}
