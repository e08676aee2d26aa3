import { sign } from "node:crypto";
import type { Clock } from "../../../platform/clock.ts";
import type { SigningKey } from "../signing-keys.ts";
import {
  ALGORITHM,
  canonicalQuery,
  canonicalRequestOf,
  percentEncodePath,
  stringToSignOf,
} from "./canonical-request.ts";

/** Query parameter in which the server's own URLs carry the bounds of an upload, "MIN,MAX"; clients send it as a header. */
export const LENGTH_RANGE = "x-goog-content-length-range";

/** Makes V4 signed URLs of Cloud Storage, signed by the server's key in the name of a service agent. */
export interface UrlSigner {
  signUrl(options: SignUrlOptions): Promise<string>;
}

export interface SignUrlOptions {
  /** Call.origin of the request that is answered: the URL leads to Cloud Storage by the way the client came. */
  readonly origin: string;
  /** E-mail address of the service agent that signs. */
  readonly email: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  readonly object: string;
  /** At most 604800, seven days. */
  readonly expiresSeconds: number;
  /** The client has to send this Content-Type. */
  readonly contentType?: string;
  /** Other headers that the client has to send. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Bounds of the upload's size, bytes, both inclusive. */
  readonly lengthRange?: { readonly min: number; readonly max: number };
}

export function createUrlSigner(key: SigningKey, clock: Clock): UrlSigner {
  return {
    async signUrl(options) {
      const origin = storageOrigin(options.origin);
      const path = `/${percentEncodePath(options.bucket)}/${percentEncodePath(options.object)}`;
      const date = formatDate(clock.nowMs());
      const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
      const headers = signedHeaders(options, new URL(origin).host);
      const query = signedQuery(options, date, scope, headers);
      const canonicalRequest = canonicalRequestOf({ method: options.method, path, query, headers });
      const signature = sign("sha256", Buffer.from(stringToSignOf(date, scope, canonicalRequest)), key.privateKey);
      return `${origin}${path}?${canonicalQuery(query)}&X-Goog-Signature=${signature.toString("hex")}`;
    },
  };
}

/** Where Cloud Storage answers for a client that reached another API at `origin`. */
export function storageOrigin(origin: string): string {
  const url = new URL(origin);
  const domain = /^[^.]+\.(googleapis\.com|localhost)$/.exec(url.hostname)?.[1];
  if (domain) url.hostname = `storage.${domain}`;
  return url.origin;
}

/** X-Goog-Date of a time: "20261121T020000Z". */
export function formatDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

function signedHeaders({ contentType, headers }: SignUrlOptions, host: string): [string, string][] {
  const named = Object.entries({ ...headers, ...(contentType !== undefined && { "content-type": contentType }) });
  return [["host", host], ...named];
}

function signedQuery(
  { email, expiresSeconds, query, lengthRange }: SignUrlOptions,
  date: string,
  scope: string,
  headers: readonly (readonly [string, string])[],
): [string, string][] {
  const names = headers.map(([name]) => name.toLowerCase()).sort();
  return [
    ...Object.entries(query ?? {}),
    ...(lengthRange ? [[LENGTH_RANGE, `${lengthRange.min},${lengthRange.max}`] as [string, string]] : []),
    ["X-Goog-Algorithm", ALGORITHM],
    ["X-Goog-Credential", `${email}/${scope}`],
    ["X-Goog-Date", date],
    ["X-Goog-Expires", String(expiresSeconds)],
    ["X-Goog-SignedHeaders", names.join(";")],
  ];
}
