import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import type { RunContext } from "../context.ts";
import { cursorOf, every, type Listing } from "../every.ts";
import type { Collection, KnativeObject } from "./collection.ts";
import { type ListOptions, listOptionsOf } from "./list-options.ts";
import type { V1Request } from "./request.ts";
import { resourceVersionOf } from "./resource-version.ts";
import { asksForTable, tableOf } from "./tables.ts";
import { watchCollection } from "./watch.ts";

const MAX_LIMIT = 1_000_000;

/** GET of a collection: the list of what the selectors select, or with watch=true the stream of its changes. */
export async function listCollection<Item>(
  context: RunContext,
  collection: Collection<Item>,
  at: V1Request,
): Promise<object> {
  const options = listOptionsOf(at);
  if (options.watch) return watchCollection(context, collection, at, options);
  // Before it is read: what changes meanwhile is in the list, or follows in a watch, or both.
  const resourceVersion = resourceVersionOf(await context.changes.newest());
  const [listing, parent] = [collection.listing(context), collection.parentOf(at)];
  const { page, nextPageToken } = await pageOfListing(collection, listing, parent, options);
  const metadata = { resourceVersion, ...(nextPageToken !== "" && { continue: nextPageToken }) };
  const objects = page.map(({ object }) => object);
  if (asksForTable(at.request)) return tableOf(collection, objects, at.url, metadata);
  const { apiVersion, kind } = collection;
  return { apiVersion, kind: `${kind}List`, metadata, items: objects };
}

/** One object as the client wants to see it: itself, or a table with one row. */
export function shown<Item>(collection: Collection<Item>, item: Item, { request, url }: V1Request): object {
  const object = collection.toKnative(item);
  const { resourceVersion } = object.metadata;
  return asksForTable(request) ? tableOf(collection, [object], url, { resourceVersion }) : object;
}

/** One page of what lies below `parent` and the options select, with the token of the next one. */
export async function pageOfListing<Item, Shown extends Pick<KnativeObject, "metadata">>(
  { kind, toKnative }: { readonly kind: string; readonly toKnative: (item: Item) => Shown },
  listing: Listing<Item>,
  parent: string,
  options: Pick<ListOptions, "selects" | "selectors" | "limit" | "continue">,
) {
  const scope = `run.v1.${kind}/${parent}/${options.selectors}`;
  const limit = pageSizeOf(options.limit, MAX_LIMIT, MAX_LIMIT);
  const after = decodePageToken(options.continue, scope)?.after;
  const found: { cursor: string; object: Shown }[] = [];
  for await (const item of every(listing, parent, after)) {
    const object = toKnative(item);
    if (options.selects(object)) found.push({ cursor: cursorOf(listing, item), object });
    if (found.length > limit) break;
  }
  return pageOf(found, limit, ({ cursor }) => cursor, scope);
}
