import { Code } from "../../../gen/google/rpc/code_pb.js";
import { StorageError } from "../errors.ts";
import type { XmlCall } from "./xml-call.ts";

export type Place = Pick<XmlCall, "bucket" | "object" | "query">;

/** Bucket and object of a request to the XML API, by its host and path; rejects a path that is no text. */
export function placeOf(request: Request): Place {
  const { hostname, pathname, searchParams: query } = new URL(request.url);
  const hosted = /^(.+)\.storage\.(?:googleapis\.com|localhost)$/.exec(hostname)?.[1];
  const path = decodePath(pathname.slice(1));
  if (hosted !== undefined) return { bucket: hosted, object: path, query };
  const slash = path.indexOf("/");
  return slash === -1
    ? { bucket: path, object: "", query }
    : { bucket: path.slice(0, slash), object: path.slice(slash + 1), query };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new StorageError(Code.INVALID_ARGUMENT, "Couldn't parse the specified URI.", {
      httpStatus: 400,
      reason: "invalid",
      xmlCode: "InvalidURI",
    });
  }
}
