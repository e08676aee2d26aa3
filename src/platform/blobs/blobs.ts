import type { Readable } from "node:stream";

/** Durable content by key: files under the data folder, or an S3 bucket. Keys are paths of [A-Za-z0-9._=-] segments. */
export interface Blobs {
  /** Stores the whole stream under `key`, durable (fsync) when it resolves; nothing is visible before. Replaces. */
  put(key: string, content: Readable | Buffer): Promise<BlobInfo>;
  stat(key: string): Promise<BlobInfo | undefined>;
  /** Content from `start` to `end` (both inclusive, bytes); rejects with BlobNotFoundError when absent. */
  open(key: string, range?: { readonly start: number; readonly end?: number }): Promise<Readable>;
  /** No error when absent. */
  delete(key: string): Promise<void>;
  /** Keys below a prefix, in order. */
  list(prefix: string): AsyncIterable<string>;
  /** A durable, appendable content (resumable uploads, growing logs). */
  append(key: string, offset: number, content: Readable | Buffer): Promise<BlobInfo>;
  /** A path of the local file system when blobs are files: lets the floors below avoid copies. */
  localPath(key: string): string | undefined;
}

export interface BlobInfo {
  readonly sizeBytes: number;
}

export class BlobNotFoundError extends Error {
  override name = "BlobNotFoundError";
}
