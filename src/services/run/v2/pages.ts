import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ResourceQuery } from "../../../platform/store/resource-table.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";

interface PageRequest {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

interface Page<Item> {
  readonly page: Item[];
  readonly nextPageToken: string;
}

interface Listed {
  readonly name: string;
  readonly createTime?: Timestamp | undefined;
}

/** One page of resources, newest first. Google: service.proto, ListServices: "sorted by creation time, descending". */
export function newestFirst<Item>(
  kind: string,
  request: PageRequest,
  list: (query: ResourceQuery) => Promise<Item[]>,
  resourceOf: (item: Item) => Listed,
): Promise<Page<Item>> {
  return pageByCreateTime(kind, request, list, resourceOf, true);
}

/** One page of resources in the order of their creation. */
export function oldestFirst<Item>(
  kind: string,
  request: PageRequest,
  list: (query: ResourceQuery) => Promise<Item[]>,
  resourceOf: (item: Item) => Listed,
): Promise<Page<Item>> {
  return pageByCreateTime(kind, request, list, resourceOf, false);
}

async function pageByCreateTime<Item>(
  kind: string,
  { parent, pageSize, pageToken }: PageRequest,
  list: (query: ResourceQuery) => Promise<Item[]>,
  resourceOf: (item: Item) => Listed,
  descending: boolean,
): Promise<Page<Item>> {
  const scope = `run.${kind}/${parent}`;
  const limit = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const cursor = decodePageToken(pageToken, scope);
  const query = { parent, limit: limit + 1, orderBy: "createTime", descending } as const;
  const found = await list(cursor ? { ...query, after: parseCursor(cursor.after) } : query);
  return pageOf(found, limit, (item) => formatCursor(resourceOf(item)), scope);
}

function formatCursor({ name, createTime }: Listed): string {
  return `${createTime ? timestampMs(createTime) : 0} ${name}`;
}

function parseCursor(text: string): { name: string; createTimeMs: number } {
  const space = text.indexOf(" ");
  return { createTimeMs: Number(text.slice(0, space)), name: text.slice(space + 1) };
}
