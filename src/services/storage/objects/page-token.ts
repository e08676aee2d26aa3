import { decodePageToken, encodePageToken } from "../../../wire/paging.ts";
import type { ListOptions } from "./list.ts";
import type { ObjectCursor } from "./store.ts";

/** What must not change between the pages of one list. */
export function objectListScope(options: Omit<ListOptions, "limit" | "after">): string {
  const { bucket, prefix, delimiter, versions, startOffset, endOffset, matchGlob } = options;
  return JSON.stringify(["listObjects", bucket, prefix, delimiter, versions, startOffset, endOffset, matchGlob]);
}

/** Where a page token goes on; undefined for "". */
export function parseObjectCursor(token: string, scope: string): ObjectCursor | undefined {
  const cursor = decodePageToken(token, scope);
  return cursor && (JSON.parse(cursor.after) as ObjectCursor);
}

/** The token of the page that goes on at `cursor`; "" for none. */
export function printObjectCursor(cursor: ObjectCursor | undefined, scope: string): string {
  return cursor ? encodePageToken(JSON.stringify(cursor), scope) : "";
}
