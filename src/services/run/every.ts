import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { ResourceQuery } from "../../platform/store/resource-table.ts";

const PAGE = 500;

/** How to page through one kind of resource. */
export interface Listing<Item> {
  readonly list: (query: ResourceQuery) => Promise<Item[]>;
  readonly nameOf: (item: Item) => string;
  /** Present: the newest come first; absent: they come in order of their names. */
  readonly createTimeOf?: (item: Item) => Timestamp | undefined;
}

/** Everything below `parent` (segments may be "-"), from the item after the cursor on; read page by page. */
export async function* every<Item>(listing: Listing<Item>, parent: string, after?: string): AsyncIterable<Item> {
  const order = listing.createTimeOf && ({ orderBy: "createTime", descending: true } as const);
  let cursor = after;
  for (;;) {
    const page = await listing.list({
      parent,
      limit: PAGE,
      ...order,
      ...(cursor !== undefined && { after: rowAt(cursor) }),
    });
    yield* page;
    if (page.length < PAGE) return;
    cursor = cursorOf(listing, page.at(-1)!);
  }
}

/** Text from which `every` goes on after an item. */
export function cursorOf<Item>({ nameOf, createTimeOf }: Listing<Item>, item: Item): string {
  const createTime = createTimeOf?.(item);
  return createTime ? `${nameOf(item)} ${timestampMs(createTime)}` : nameOf(item);
}

function rowAt(cursor: string): { name: string; createTimeMs?: number } {
  const [name = "", createTimeMs] = cursor.split(" ");
  return createTimeMs === undefined ? { name } : { name, createTimeMs: Number(createTimeMs) };
}
