import { createHash } from "node:crypto";
import { invalidArgument } from "./errors.ts";

/** Where a page starts: opaque to clients, bound to the request it came from. */
export interface PageCursor {
  readonly after: string;
}

/** The page size to use: the asked one, or `fallback` for 0, capped at `max`; negative is INVALID_ARGUMENT (AIP-158). */
export function pageSizeOf(asked: number, fallback: number, max: number): number {
  if (asked < 0)
    throw invalidArgument("Page size must not be negative.", [
      { field: "page_size", description: "Must not be negative." },
    ]);
  return Math.min(asked || fallback, max);
}

/** Reads a page token; `scope` names everything that must not change between pages (method, parent, filter, order). */
export function decodePageToken(token: string, scope: string): PageCursor | undefined {
  if (!token) return undefined;
  const [digest, after] = parse(token);
  if (digest !== digestOf(scope) || after === undefined) throw invalidPageToken();
  return { after };
}

/** The token of the page after `after`. */
export function encodePageToken(after: string, scope: string): string {
  return Buffer.from(JSON.stringify([digestOf(scope), after])).toString("base64url");
}

/** Cuts rows fetched with limit pageSize + 1 into a page and the token of the next one ("" on the last page). */
export function pageOf<Row>(rows: readonly Row[], pageSize: number, keyOf: (row: Row) => string, scope: string) {
  const page = rows.slice(0, pageSize);
  const nextPageToken = rows.length > pageSize ? encodePageToken(keyOf(page.at(-1)!), scope) : "";
  return { page, nextPageToken };
}

function parse(token: string): [string?, string?] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    return Array.isArray(value) ? (value as [string?, string?]) : [];
  } catch {
    throw invalidPageToken();
  }
}

function invalidPageToken() {
  return invalidArgument("The page token is invalid.", [
    { field: "page_token", description: "The page token is invalid." },
  ]);
}

function digestOf(scope: string): string {
  return createHash("sha256").update(scope).digest("base64url").slice(0, 12);
}
