import { unimplemented } from "../../../wire/errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { every, type Listing } from "../every.ts";
import type { KnativeMetadata } from "./knative.ts";
import { parseLabelSelector } from "./label-selector.ts";

const MAX_LIMIT = 1_000_000;

interface Listed {
  readonly metadata: KnativeMetadata;
}

/** A Knative list of everything below `parent` that the label selector of the URL selects; metadata is always there. */
export async function knativeList<Item>(
  url: URL,
  kind: string,
  parent: string,
  listing: Listing<Item>,
  toKnative: (item: Item) => Listed,
): Promise<object> {
  if (url.searchParams.get("watch") === "true") throw unimplemented("The parameter watch");
  const selects = parseLabelSelector(url.searchParams.get("labelSelector") ?? "");
  const scope = `run.v1.${kind}/${parent}/${url.searchParams.get("labelSelector") ?? ""}`;
  const limit = pageSizeOf(Number(url.searchParams.get("limit") ?? 0), MAX_LIMIT, MAX_LIMIT);
  const after = decodePageToken(url.searchParams.get("continue") ?? "", scope)?.after;
  const found: { name: string; object: Listed }[] = [];
  for await (const item of every(listing, parent, after)) {
    const object = toKnative(item);
    if (selects(object.metadata.labels ?? {})) found.push({ name: listing.nameOf(item), object });
    if (found.length > limit) break;
  }
  const { page, nextPageToken } = pageOf(found, limit, ({ name }) => name, scope);
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: `${kind}List`,
    metadata: nextPageToken === "" ? {} : { continue: nextPageToken },
    items: page.map(({ object }) => object),
  };
}
