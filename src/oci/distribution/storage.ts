import type { Readable } from "node:stream";

/**
 * Where a registry keeps its content. Repositories come into being with their first blob, upload or manifest. Every
 * method may be called concurrently; whatever has been acknowledged survives a restart. registryStorageSuite() proves it.
 */
export interface RegistryStorage {
  /** Whether anything (a blob or a manifest) was ever stored in the repository and not all of it deleted since. */
  repositoryExists(repository: string): Promise<boolean>;

  /** Size in bytes of a blob that this repository holds. */
  blobSize(repository: string, digest: string): Promise<number | undefined>;
  /** The bytes from `start` to `end` (both inclusive) of a blob that blobSize() knows. */
  openBlob(
    repository: string,
    digest: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<Readable>;
  /** Stores a blob; false, and nothing stored, when the content does not have the digest. */
  putBlob(repository: string, digest: string, content: AsyncIterable<Uint8Array>): Promise<boolean>;
  /** Makes a blob of repository `from` also one of `to`; false when `from` does not hold it. */
  mountBlob(from: string, digest: string, to: string): Promise<boolean>;
  /** False when the repository does not hold the blob. */
  deleteBlob(repository: string, digest: string): Promise<boolean>;

  /** Begins an empty upload under an id that the caller has made. */
  createUpload(repository: string, id: string): Promise<void>;
  /** Bytes received so far, or undefined for an upload that does not exist (any more). */
  uploadSize(repository: string, id: string): Promise<number | undefined>;
  /** Adds content at `offset`, the size so far; resolves with the new size. Keeps what came when the content breaks off. */
  appendUpload(repository: string, id: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** Turns the upload into a blob; false, and the upload gone, when its content does not have the digest. */
  commitUpload(repository: string, id: string, digest: string): Promise<boolean>;
  /** False when there is no such upload. */
  deleteUpload(repository: string, id: string): Promise<boolean>;

  /** Stores a manifest and points each of `tags` at it, all or nothing. */
  putManifest(repository: string, manifest: StoredManifest, tags: readonly string[]): Promise<void>;
  getManifest(repository: string, digest: string): Promise<StoredManifest | undefined>;
  /** Deletes a manifest and every tag that points at it; false when there is none. */
  deleteManifest(repository: string, digest: string): Promise<boolean>;
  /** The manifests whose subject is `digest`, in order of their digests. */
  listReferrers(repository: string, digest: string): Promise<readonly StoredManifest[]>;

  /** The digest a tag points at. */
  resolveTag(repository: string, tag: string): Promise<string | undefined>;
  /** At most `limit` tags in byte order, only those behind `after`. */
  listTags(repository: string, page: { readonly after?: string; readonly limit: number }): Promise<readonly string[]>;
  /** False when there is no such tag. */
  deleteTag(repository: string, tag: string): Promise<boolean>;
}

/** A manifest as stored, with what the registry has read out of it. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  /** Digest of the manifest this one refers to (image-spec, `subject`). */
  readonly subject?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
