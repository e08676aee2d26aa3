import { createHash } from "node:crypto";

/** The only algorithm whose signatures can be checked with public keys. */
export const ALGORITHM = "GOOG4-RSA-SHA256";
const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** What a V4 signature covers. Google: cloud.google.com/storage/docs/authentication/canonical-requests. */
export interface SignedParts {
  readonly method: string;
  /** Percent-encoded path. */
  readonly path: string;
  /** Decoded names and values; X-Goog-Signature does not count. */
  readonly query: readonly (readonly [string, string])[];
  /** Every header that is signed, host among them. */
  readonly headers: readonly (readonly [string, string])[];
}

/** Google's canonical form of a request. */
export function canonicalRequestOf({ method, path, query, headers }: SignedParts): string {
  const lines = headers.map(([name, value]) => [name.toLowerCase(), canonicalValue(value)] as const).sort(byName);
  const payload = lines.find(([name]) => name === "x-goog-content-sha256")?.[1] ?? UNSIGNED_PAYLOAD;
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...lines.map(([name, value]) => `${name}:${value}`),
    "",
    lines.map(([name]) => name).join(";"),
    payload,
  ].join("\n");
}

/** What is signed in the end; `date` is X-Goog-Date ("20261121T020000Z"), `scope` the credential scope. */
export function stringToSignOf(date: string, scope: string, canonicalRequest: string): string {
  const digest = createHash("sha256").update(canonicalRequest).digest("hex");
  return [ALGORITHM, date, scope, digest].join("\n");
}

/** RFC 3986 percent-encoding: everything but letters, digits and "-._~". */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same for a path, whose slashes stay. */
export function percentEncodePath(path: string): string {
  return path.split("/").map(percentEncode).join("/");
}

/** The query string of a signed URL, names in order. */
export function canonicalQuery(query: readonly (readonly [string, string])[]): string {
  return query
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort((one, other) => byName(one, other) || compare(one[1], other[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function canonicalPath(path: string): string {
  return path
    .split("/")
    .map((segment) => percentEncode(decode(segment)))
    .join("/");
}

function canonicalValue(value: string): string {
  return value.trim().replaceAll(/\s+/g, " ");
}

function byName(one: readonly [string, string], other: readonly [string, string]): number {
  return compare(one[0], other[0]);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
