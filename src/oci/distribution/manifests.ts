import { digestOf, parseDigest } from "../digest.ts";
import { artifactTypeOf, isIndex, parseManifest, type Index, type Manifest } from "../manifest.ts";
import { isTag } from "../reference.ts";
import { digestInvalid, manifestBlobUnknown, manifestInvalid, manifestUnknown, unsupported } from "./errors.ts";
import type { RegistryCall } from "./call.ts";
import type { RegistryStorage, StoredManifest } from "./storage.ts";

/** The largest manifest accepted, the limit that distribution-spec asks registries to support at least. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** GET, HEAD, PUT and DELETE of /v2/NAME/manifests/REFERENCE, where the reference is a tag or a digest. */
export async function handleManifest(call: RegistryCall, repository: string, reference: string): Promise<Response> {
  if (!isTag(reference) && !parseDigest(reference)) {
    throw digestInvalid(`neither a tag nor a supported digest: ${reference}`);
  }
  switch (call.request.method) {
    case "GET":
    case "HEAD":
      return getManifest(call, repository, reference);
    case "PUT":
      return putManifest(call, repository, reference);
    case "DELETE":
      return deleteManifest(call, repository, reference);
    default:
      throw unsupported(call.request.method);
  }
}

async function getManifest(call: RegistryCall, repository: string, reference: string): Promise<Response> {
  const digest = isTag(reference) ? await call.storage.resolveTag(repository, reference) : reference;
  const manifest = digest === undefined ? undefined : await call.storage.getManifest(repository, digest);
  if (!manifest) throw manifestUnknown(reference);
  const headers = {
    "content-type": manifest.mediaType,
    "content-length": String(manifest.content.byteLength),
    "docker-content-digest": manifest.digest,
    etag: `"${manifest.digest}"`,
  };
  return new Response(call.request.method === "HEAD" ? null : Buffer.from(manifest.content), { headers });
}

async function putManifest(call: RegistryCall, repository: string, reference: string): Promise<Response> {
  const content = await readLimited(call.request);
  const digest = checkDigest(content, reference);
  const contentType = (call.request.headers.get("content-type") ?? "").split(";")[0]!.trim();
  const manifest = parse(content, contentType);
  await checkBlobs(call.storage, repository, manifest);
  const tags = isTag(reference) ? [reference] : call.url.searchParams.getAll("tag");
  const bad = tags.find((tag) => !isTag(tag));
  if (bad !== undefined) throw manifestInvalid(`invalid tag: ${bad}`);
  await call.storage.putManifest(repository, describe(manifest, digest, content), tags);
  const headers = new Headers({
    location: `/v2/${repository}/manifests/${isTag(reference) ? reference : digest}`,
    "docker-content-digest": digest,
    "content-length": "0",
  });
  if (manifest.subject) headers.set("oci-subject", manifest.subject.digest);
  if (!isTag(reference)) for (const tag of tags) headers.append("oci-tag", tag);
  return new Response(null, { status: 201, headers });
}

async function deleteManifest(call: RegistryCall, repository: string, reference: string): Promise<Response> {
  const deleted = isTag(reference)
    ? await call.storage.deleteTag(repository, reference)
    : await call.storage.deleteManifest(repository, reference);
  if (!deleted) throw manifestUnknown(reference);
  return new Response(null, { status: 202, headers: { "content-length": "0" } });
}

function checkDigest(content: Uint8Array, reference: string): string {
  const named = parseDigest(reference);
  if (!named) return digestOf(content);
  if (digestOf(content, named.algorithm) !== reference) {
    throw digestInvalid(`provided digest did not match uploaded content: ${reference}`);
  }
  return reference;
}

function parse(content: Uint8Array, contentType: string): Manifest | Index {
  try {
    return parseManifest(content, contentType);
  } catch (error) {
    throw manifestInvalid((error as Error).message);
  }
}

async function checkBlobs(storage: RegistryStorage, repository: string, manifest: Manifest | Index): Promise<void> {
  // The manifests of an index may come later, or never (distribution-spec, "sparse" images); blobs must be there.
  if (isIndex(manifest)) return;
  const needed = [manifest.config, ...manifest.layers].filter(
    ({ mediaType, urls }) => !urls?.length && !/nondistributable|\.foreign\./.test(mediaType),
  );
  const sizes = await Promise.all(needed.map(({ digest }) => storage.blobSize(repository, digest)));
  const missing = needed.find((_, index) => sizes[index] === undefined);
  if (missing) throw manifestBlobUnknown(missing.digest);
}

function describe(manifest: Manifest | Index, digest: string, content: Uint8Array): StoredManifest {
  const artifactType = artifactTypeOf(manifest);
  return {
    digest,
    mediaType: manifest.mediaType,
    content,
    ...(manifest.subject ? { subject: manifest.subject.digest } : {}),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
  };
}

async function readLimited(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_MANIFEST_BYTES) throw manifestInvalid(`manifest is larger than ${MAX_MANIFEST_BYTES} bytes`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
