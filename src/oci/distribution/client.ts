import { openAsBlob } from "node:fs";
import { Readable } from "node:stream";
import { digestOf, matchesDigest, DigestMismatchError, verifyDigest } from "../digest.ts";
import type { Descriptor } from "../manifest.ts";
import { acceptManifests, mediaTypes } from "../media-types.ts";
import { formatReference, type ImageReference } from "../reference.ts";
import { MAX_DOCUMENT_BYTES, readAtMost } from "../read-at-most.ts";
import { RegistryClientError } from "./registry-client-error.ts";
import { createTransport, type Target, type Transport, type TransportDeps } from "./transport.ts";

/** The repository part of an image reference. */
export type RepositoryReference = Pick<ImageReference, "host" | "repository">;

/** A manifest as fetched: verified against the digest it was asked by. */
export interface FetchedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** Where a blob's bytes come from: a file, or memory. */
export type BlobSource = { readonly file: string } | Uint8Array;

/** The client side of distribution-spec; every failure other than "not there" rejects with a RegistryClientError. */
export interface DistributionClient {
  /** The digest a reference has on the registry; undefined when it is not there. */
  resolve(reference: ImageReference, signal?: AbortSignal): Promise<string | undefined>;
  getManifest(reference: ImageReference, signal?: AbortSignal): Promise<FetchedManifest>;
  /** Stores a manifest under the reference's tag, or under its digest, and resolves with the digest. */
  putManifest(
    reference: ImageReference,
    manifest: { readonly mediaType: string; readonly content: Uint8Array },
    signal?: AbortSignal,
  ): Promise<string>;
  /** The blob's bytes; fails at their end when they do not match the digest. */
  openBlob(repository: RepositoryReference, digest: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  hasBlob(repository: RepositoryReference, digest: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Makes sure that the repository holds the blob: looks first, then mounts it from `mountFrom`, then uploads it.
   * Without a source it rejects when an upload would be needed.
   */
  pushBlob(
    repository: RepositoryReference,
    blob: Pick<Descriptor, "digest" | "size">,
    source: BlobSource | undefined,
    options?: { readonly mountFrom?: string; readonly signal?: AbortSignal },
  ): Promise<void>;
  listTags(repository: RepositoryReference, signal?: AbortSignal): Promise<readonly string[]>;
  /** What refers to the manifest of that digest, with artifact types and annotations. */
  listReferrers(repository: RepositoryReference, digest: string, signal?: AbortSignal): Promise<readonly Descriptor[]>;
}

/** How often the transfer of one blob is taken up again. */
const MAX_RESUMES = 3;

/** A client for all registries that `deps.fetch` reaches. */
export function createDistributionClient(deps: TransportDeps): DistributionClient {
  const send = createTransport(deps);
  return {
    resolve: (reference, signal) => resolve(send, reference, signal),
    getManifest: (reference, signal) => getManifest(send, reference, signal),
    async putManifest(reference, { mediaType, content }, signal) {
      const response = await send(reference, {
        method: "PUT",
        url: manifestUrl(reference),
        headers: { "content-type": mediaType },
        body: async () => Buffer.from(content),
        signal,
      });
      await expect(response, [201], `push of ${formatReference(reference)}`);
      return digestOf(content);
    },
    openBlob: (repository, digest, signal) => openBlob(send, repository, digest, signal),
    hasBlob: (repository, digest, signal) => hasBlob(send, repository, digest, signal),
    pushBlob: (repository, blob, source, options = {}) => pushBlob(send, repository, blob, source, options),
    listTags: (repository, signal) => listTags(send, repository, signal),
    listReferrers: (repository, digest, signal) => listReferrers(send, repository, digest, signal),
  };
}

async function resolve(send: Transport, reference: ImageReference, signal?: AbortSignal): Promise<string | undefined> {
  const headers = { accept: acceptManifests };
  const response = await send(reference, { method: "HEAD", url: manifestUrl(reference), headers, signal });
  if (response.status === 404) return undefined;
  await expect(response, [200], `look-up of ${formatReference(reference)}`);
  return response.headers.get("docker-content-digest") ?? (await getManifest(send, reference, signal)).digest;
}

async function getManifest(send: Transport, reference: ImageReference, signal?: AbortSignal): Promise<FetchedManifest> {
  const headers = { accept: acceptManifests };
  const response = await send(reference, { method: "GET", url: manifestUrl(reference), headers, signal });
  await expect(response, [200], `pull of ${formatReference(reference)}`);
  const what = `manifest of ${formatReference(reference)}`;
  const content = await readAtMost(response.body ?? [], MAX_DOCUMENT_BYTES, what);
  if (reference.digest !== undefined && !matchesDigest(content, reference.digest)) {
    throw new DigestMismatchError(`${what} has digest ${digestOf(content)}`);
  }
  const mediaType = (response.headers.get("content-type") ?? "").split(";")[0]!.trim();
  return { digest: reference.digest ?? digestOf(content), mediaType, content };
}

async function openBlob(
  send: Transport,
  repository: RepositoryReference,
  digest: string,
  signal?: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const open = async (offset: number): Promise<AsyncIterable<Uint8Array>> => {
    const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const response = await send(repository, { method: "GET", url: blobUrl(repository, digest), headers, signal });
    const what = `pull of ${digest} from ${repository.host}/${repository.repository}`;
    await expect(response, [offset === 0 ? 200 : 206], what);
    return response.body ? Readable.fromWeb(response.body) : Readable.from([]);
  };
  return verifyDigest(resumed(await open(0), open, signal), digest);
}

async function* resumed(
  first: AsyncIterable<Uint8Array>,
  open: (offset: number) => Promise<AsyncIterable<Uint8Array>>,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  let [chunks, offset] = [first, 0];
  for (let breaks = 0; ; breaks++) {
    try {
      for await (const chunk of chunks) {
        offset += chunk.byteLength;
        yield chunk;
      }
      return;
    } catch (error) {
      // A connection that breaks off is taken up where it ended.
      if (signal?.aborted || breaks === MAX_RESUMES) throw error;
      chunks = await open(offset);
    }
  }
}

async function hasBlob(
  send: Transport,
  repository: RepositoryReference,
  digest: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const response = await send(repository, { method: "HEAD", url: blobUrl(repository, digest), signal });
  if (response.status === 404) return false;
  await expect(response, [200], `look-up of ${digest} in ${repository.host}/${repository.repository}`);
  return true;
}

async function pushBlob(
  send: Transport,
  repository: RepositoryReference,
  blob: Pick<Descriptor, "digest" | "size">,
  source: BlobSource | undefined,
  options: { readonly mountFrom?: string; readonly signal?: AbortSignal },
): Promise<void> {
  const { mountFrom, signal } = options;
  if (await hasBlob(send, repository, blob.digest, signal)) return;
  const target: Target = mountFrom === undefined ? repository : { ...repository, mountFrom };
  const query = mountFrom === undefined ? "" : `?mount=${blob.digest}&from=${mountFrom}`;
  const what = `push of ${blob.digest} to ${repository.host}/${repository.repository}`;
  const start = await send(target, {
    method: "POST",
    url: `/v2/${repository.repository}/blobs/uploads/${query}`,
    signal,
  });
  await expect(start, [201, 202], what);
  if (start.status === 201) return;
  const location = start.headers.get("location");
  if (source === undefined) throw new RegistryClientError(`${what} failed: the layer is neither there nor here`, 404);
  if (location === null) throw new RegistryClientError(`${what} failed: no upload location`, start.status);
  const url = `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(blob.digest)}`;
  const response = await send(target, {
    method: "PUT",
    url,
    headers: { "content-type": "application/octet-stream" },
    body: async () => (source instanceof Uint8Array ? Buffer.from(source) : openAsBlob(source.file)),
    signal,
  });
  await expect(response, [201], what);
}

async function listTags(
  send: Transport,
  repository: RepositoryReference,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const tags: string[] = [];
  let url: string | undefined = `/v2/${repository.repository}/tags/list`;
  while (url !== undefined) {
    const response: Response = await send(repository, { method: "GET", url, signal });
    if (response.status === 404) return tags;
    if (response.status !== 200) await expect(response, [200], `tags of ${repository.repository}`);
    tags.push(...(((await response.json()) as { tags?: string[] | null }).tags ?? []));
    url = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
  }
  return tags;
}

async function listReferrers(
  send: Transport,
  repository: RepositoryReference,
  digest: string,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  const url = `/v2/${repository.repository}/referrers/${digest}`;
  const response = await send(repository, { method: "GET", url, headers: { accept: mediaTypes.index }, signal });
  if (response.status === 404) return [];
  await expect(response, [200], `referrers of ${digest}`);
  return ((await response.json()) as { manifests?: Descriptor[] }).manifests ?? [];
}

function manifestUrl(reference: ImageReference): string {
  return `/v2/${reference.repository}/manifests/${reference.digest ?? reference.tag ?? "latest"}`;
}

function blobUrl(repository: RepositoryReference, digest: string): string {
  return `/v2/${repository.repository}/blobs/${digest}`;
}

async function expect(response: Response, statuses: readonly number[], what: string): Promise<void> {
  if (statuses.includes(response.status)) return;
  const text = (await response.text().catch(() => "")).slice(0, 500);
  throw new RegistryClientError(
    `${what} failed with status ${response.status}: ${text || "no details"}`,
    response.status,
  );
}
