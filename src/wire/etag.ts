import { createHash } from "node:crypto";
import { aborted } from "./errors.ts";

/** The etag of a version of a resource: opaque, quoted like Google's, different for every write. */
export function etagOf(uid: string, version: number): string {
  return `"${createHash("sha256").update(`${uid}/${version}`).digest("base64url").slice(0, 22)}"`;
}

/** Rejects with ABORTED when the client's etag is given and is not the current one (AIP-154). */
export function checkEtag(given: string, current: string): void {
  if (given !== "" && given !== current) {
    throw aborted(
      "The etag provided in the request does not match the current etag of the resource. Read it again and retry.",
    );
  }
}
