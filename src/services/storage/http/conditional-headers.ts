import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { notModified, preconditionFailed } from "../errors.ts";

/** Checks If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of a read (RFC 9110 section 13.2.2). */
export function checkConditionalHeaders(headers: Headers, object: Object$, etag: string): void {
  const updatedMs = object.updateTime ? Math.floor(timestampMs(object.updateTime) / 1000) * 1000 : 0;
  const ifMatch = headers.get("if-match");
  const ifNoneMatch = headers.get("if-none-match");
  if (ifMatch !== null && !names(ifMatch, etag)) throw preconditionFailed();
  const unmodifiedSince = Date.parse(headers.get("if-unmodified-since") ?? "");
  if (ifMatch === null && updatedMs > unmodifiedSince) throw preconditionFailed();
  if (ifNoneMatch !== null && names(ifNoneMatch, etag)) throw notModified();
  const modifiedSince = Date.parse(headers.get("if-modified-since") ?? "");
  if (ifNoneMatch === null && updatedMs <= modifiedSince) throw notModified();
}

function names(header: string, etag: string): boolean {
  const bare = (text: string) =>
    text
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*)"$/, "$1");
  return header.split(",").some((one) => one.trim() === "*" || bare(one) === bare(etag));
}
