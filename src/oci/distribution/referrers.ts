import { parseDigest } from "../digest.ts";
import { mediaTypes } from "../media-types.ts";
import { digestInvalid, unsupported } from "./errors.ts";
import type { RegistryCall } from "./call.ts";
import type { StoredManifest } from "./storage.ts";

/** GET /v2/NAME/referrers/DIGEST: an index of the manifests whose subject it is, filtered by artifactType when asked. */
export async function handleReferrers(call: RegistryCall, repository: string, digest: string): Promise<Response> {
  const { method } = call.request;
  if (method !== "GET" && method !== "HEAD") throw unsupported(method);
  if (!parseDigest(digest)) throw digestInvalid(`invalid or unsupported digest: ${digest}`);
  const wanted = call.url.searchParams.get("artifactType");
  const all = await call.storage.listReferrers(repository, digest);
  const manifests = all.filter(({ artifactType }) => wanted === null || artifactType === wanted).map(descriptorOf);
  const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
  const headers = new Headers({ "content-type": mediaTypes.index, "content-length": String(Buffer.byteLength(body)) });
  if (wanted !== null) headers.set("oci-filters-applied", "artifactType");
  return new Response(method === "HEAD" ? null : body, { headers });
}

function descriptorOf(manifest: StoredManifest): object {
  const { mediaType, digest, artifactType, annotations } = manifest;
  return {
    mediaType,
    digest,
    size: manifest.content.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations ? { annotations } : {}),
  };
}
