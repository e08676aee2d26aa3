/** What a registry path asks for. */
export type RegistryRoute =
  | { readonly kind: "base" }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: string }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string }
  | { readonly kind: "manifest"; readonly repository: string; readonly reference: string }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly digest: string };

// Repository names may themselves hold words like "blobs": the first group is greedy, so the last occurrence counts.
const UPLOADS = /^\/v2\/(.+)\/blobs\/uploads\/?$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/;
const BLOB = /^\/v2\/(.+)\/blobs\/([^/]+)$/;
const MANIFEST = /^\/v2\/(.+)\/manifests\/([^/]+)$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;
const REFERRERS = /^\/v2\/(.+)\/referrers\/([^/]+)$/;

/** Reads a URL path (decoded) by distribution-spec's list of end points; undefined when it is none of them. */
export function parseRoute(path: string): RegistryRoute | undefined {
  if (path === "/v2" || path === "/v2/") return { kind: "base" };
  const uploads = UPLOADS.exec(path);
  if (uploads) return { kind: "uploads", repository: uploads[1]! };
  const upload = UPLOAD.exec(path);
  if (upload) return { kind: "upload", repository: upload[1]!, id: upload[2]! };
  const blob = BLOB.exec(path);
  if (blob) return { kind: "blob", repository: blob[1]!, digest: blob[2]! };
  const manifest = MANIFEST.exec(path);
  if (manifest) return { kind: "manifest", repository: manifest[1]!, reference: manifest[2]! };
  const tags = TAGS.exec(path);
  if (tags) return { kind: "tags", repository: tags[1]! };
  const referrers = REFERRERS.exec(path);
  return referrers ? { kind: "referrers", repository: referrers[1]!, digest: referrers[2]! } : undefined;
}
