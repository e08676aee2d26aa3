import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { type ObjectReader, sizeOf } from "../objects/read.ts";
import type { StoredObject } from "../objects/store.ts";
import { hashHeader } from "./checksum-headers.ts";
import { checkConditionalHeaders } from "./conditional-headers.ts";
import { type ByteRange, parseRange } from "./range.ts";

/**
 * Objects share their origin with the APIs, for which a page of that origin speaks in the name of the machine's owner.
 * In a browser, a page that is an object therefore gets an origin of its own that nothing else has.
 */
const PAGE_POLICY = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/** Answers GET and HEAD of an object's content, with ranges, conditions and decompressive transcoding. */
export async function contentResponse(
  reader: ObjectReader,
  stored: StoredObject,
  request: Request,
  etag: string,
): Promise<Response> {
  const { object } = stored;
  checkConditionalHeaders(request.headers, object, etag);
  if (needsTranscoding(object, request.headers)) return transcoded(reader, stored, request, etag);
  const size = sizeOf(object);
  const range = parseRange(request.headers.get("range"), size);
  const headers = contentHeaders(object, etag);
  headers.set("accept-ranges", "bytes");
  headers.set("content-length", String(range ? range.end - range.start + 1 : size));
  if (range) headers.set("content-range", `bytes ${range.start}-${range.end}/${size}`);
  const body = request.method === "HEAD" || size === 0 ? null : await streamOf(reader, stored, range);
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** Google: cloud.google.com/storage/docs/transcoding#decompressive_transcoding. */
function needsTranscoding({ contentEncoding, cacheControl }: Object$, headers: Headers): boolean {
  if (contentEncoding !== "gzip" || cacheControl.includes("no-transform")) return false;
  return !(headers.get("accept-encoding") ?? "").includes("gzip");
}

async function transcoded(
  reader: ObjectReader,
  stored: StoredObject,
  request: Request,
  etag: string,
): Promise<Response> {
  const headers = contentHeaders(stored.object, etag);
  headers.delete("content-encoding");
  headers.set("warning", "214 UploadServer gunzipped");
  if (request.method === "HEAD") return new Response(null, { headers });
  const compressed = await reader.open(stored);
  const plain = createGunzip();
  compressed.on("error", (error) => plain.destroy(error));
  plain.on("close", () => compressed.destroy());
  return new Response(toWeb(compressed.pipe(plain)), { headers });
}

function contentHeaders(object: Object$, etag: string): Headers {
  const headers = new Headers({
    "content-type": object.contentType || "application/octet-stream",
    etag,
    "x-goog-generation": String(object.generation),
    "x-goog-metageneration": String(object.metageneration),
    "x-goog-hash": hashHeader(object),
    "x-goog-storage-class": object.storageClass,
    "x-goog-stored-content-encoding": object.contentEncoding || "identity",
    "x-goog-stored-content-length": String(object.size),
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
  });
  setUnlessEmpty(headers, "cache-control", object.cacheControl);
  setUnlessEmpty(headers, "content-disposition", object.contentDisposition);
  setUnlessEmpty(headers, "content-encoding", object.contentEncoding);
  setUnlessEmpty(headers, "content-language", object.contentLanguage);
  if (object.updateTime) headers.set("last-modified", timestampDate(object.updateTime).toUTCString());
  return headers;
}

function setUnlessEmpty(headers: Headers, name: string, value: string): void {
  if (value) headers.set(name, encodeHeader(value));
}

/** Header values are bytes: text beyond ASCII travels as UTF-8. */
export function encodeHeader(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

async function streamOf(reader: ObjectReader, stored: StoredObject, range: ByteRange | undefined) {
  return toWeb(await reader.open(stored, range));
}

function toWeb(content: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  return Readable.toWeb(content) as ReadableStream<Uint8Array<ArrayBuffer>>;
}
