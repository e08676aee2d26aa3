import { Readable } from "node:stream";
import { parseDigest } from "../digest.ts";
import { blobUnknown, digestInvalid, RegistryError, unsupported } from "./errors.ts";
import type { RegistryCall } from "./call.ts";

/** GET, HEAD and DELETE of /v2/NAME/blobs/DIGEST, with single byte ranges (RFC 9110). */
export async function handleBlob(call: RegistryCall, repository: string, digest: string): Promise<Response> {
  if (!parseDigest(digest)) throw digestInvalid(`invalid or unsupported digest: ${digest}`);
  const { method } = call.request;
  if (method === "DELETE") return deleteBlob(call, repository, digest);
  if (method !== "GET" && method !== "HEAD") throw unsupported(method);
  const size = await call.storage.blobSize(repository, digest);
  if (size === undefined) throw blobUnknown(digest);
  const range = parseRange(call.request.headers.get("range"), size);
  const headers = new Headers({
    "content-type": "application/octet-stream",
    "content-length": String(range ? range.end - range.start + 1 : size),
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    etag: `"${digest}"`,
  });
  if (range) headers.set("content-range", `bytes ${range.start}-${range.end}/${size}`);
  const status = range ? 206 : 200;
  if (method === "HEAD" || size === 0) return new Response(null, { status, headers });
  const content = await call.storage.openBlob(repository, digest, range);
  return new Response(Readable.toWeb(content) as ReadableStream<Uint8Array<ArrayBuffer>>, { status, headers });
}

async function deleteBlob(call: RegistryCall, repository: string, digest: string): Promise<Response> {
  if (!(await call.storage.deleteBlob(repository, digest))) throw blobUnknown(digest);
  return new Response(null, { status: 202, headers: { "content-length": "0" } });
}

function parseRange(header: string | null, size: number): { start: number; end: number } | undefined {
  // Several ranges, or another unit, are answered with the whole blob, as RFC 9110 section 14.2 allows.
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (!match[1] && !match[2])) return undefined;
  const last = size - 1;
  const start = match[1] ? Number(match[1]) : Math.max(0, size - Number(match[2]));
  const end = match[1] && match[2] ? Math.min(Number(match[2]), last) : last;
  if (match[1] && match[2] && Number(match[2]) < start) return undefined;
  if (start > last) {
    throw new RegistryError(416, "SIZE_INVALID", "requested range not satisfiable", {
      "content-range": `bytes */${size}`,
    });
  }
  return { start, end };
}
