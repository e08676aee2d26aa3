import type { ResourceQuery } from "../../platform/store/resource-table.ts";

const PAGE = 500;

/** How to page through one kind of resource. */
export interface Listing<Item> {
  readonly list: (query: ResourceQuery) => Promise<Item[]>;
  readonly nameOf: (item: Item) => string;
}

/** Everything below `parent` (segments may be "-") by name, from the name after `after` on; read page by page. */
export async function* every<Item>(
  { list, nameOf }: Listing<Item>,
  parent: string,
  after?: string,
): AsyncIterable<Item> {
  let last = after;
  for (;;) {
    const page = await list({ parent, limit: PAGE, ...(last !== undefined && { after: { name: last } }) });
    yield* page;
    if (page.length < PAGE) return;
    last = nameOf(page.at(-1)!);
  }
}
