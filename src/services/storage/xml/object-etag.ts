import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";

/** The XML API's ETag: the MD5 in hexadecimal, quoted; the object's own etag where there is none (composed objects). */
export function xmlEtag({ checksums, etag }: Object$): string {
  const md5 = Buffer.from(checksums?.md5Hash ?? []).toString("hex");
  return `"${md5 || etag}"`;
}
