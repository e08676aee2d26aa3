import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { crc32cFromBase64, crc32cToBase64, type ExpectedChecksums } from "../content/content-hash.ts";
import { invalidValue } from "../errors.ts";

/** Checksums in Content-MD5 and x-goog-hash ("crc32c=…,md5=…", also repeated); rejects what is not one. */
export function checksumsOfHeaders(headers: Headers): ExpectedChecksums {
  const named = (headers.get("x-goog-hash") ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)] as const);
  const md5 = headers.get("content-md5") ?? named.find(([name]) => name === "md5")?.[1];
  const crc32c = named.find(([name]) => name === "crc32c")?.[1];
  return parseChecksums(md5, crc32c);
}

/** Checksums as base64. */
export function parseChecksums(md5: string | undefined, crc32c: string | undefined): ExpectedChecksums {
  return { ...(md5 && { md5: parseMd5(md5) }), ...(crc32c && { crc32c: parseCrc32c(crc32c) }) };
}

/** The value of x-goog-hash for an object. */
export function hashHeader({ checksums }: Object$): string {
  const crc32c = `crc32c=${crc32cToBase64(checksums?.crc32c ?? 0)}`;
  return checksums?.md5Hash.length ? `${crc32c},md5=${Buffer.from(checksums.md5Hash).toString("base64")}` : crc32c;
}

function parseMd5(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 16) throw invalidValue(`Invalid MD5 value: ${text}`, "md5Hash");
  return bytes;
}

function parseCrc32c(text: string): number {
  const value = crc32cFromBase64(text);
  if (value === undefined) throw invalidValue(`Invalid CRC32C value: ${text}`, "crc32c");
  return value;
}
