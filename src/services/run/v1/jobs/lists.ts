import { unimplemented } from "../../../../wire/errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../../wire/paging.ts";
import { cursorOf, every, type Listing } from "../../every.ts";
import type { KnativeMetadata } from "../knative.ts";
import { parseLabelSelector } from "../label-selector.ts";
import { API_VERSION } from "./knative.ts";

const MAX_LIMIT = 1_000_000;
/** Google: v1 reference, namespaces.jobs.list: "Not supported by Cloud Run". */
const UNSUPPORTED = ["fieldSelector", "watch"];

/** A list of objects of run.googleapis.com/v1 below `parent` that the label selector of the URL selects. */
export async function jobObjectList<Item>(
  { searchParams }: URL,
  kind: string,
  parent: string,
  listing: Listing<Item>,
  toKnative: (item: Item) => { readonly metadata: KnativeMetadata },
): Promise<object> {
  const refused = UNSUPPORTED.find((name) => !["", "false"].includes(searchParams.get(name) ?? ""));
  if (refused !== undefined) throw unimplemented(`The parameter ${refused} of run.googleapis.com/v1`);
  const selector = searchParams.get("labelSelector") ?? "";
  const selects = parseLabelSelector(selector);
  const scope = `run.v1.${kind}/${parent}/${selector}`;
  const limit = pageSizeOf(Number(searchParams.get("limit") ?? 0), MAX_LIMIT, MAX_LIMIT);
  const after = decodePageToken(searchParams.get("continue") ?? "", scope)?.after;
  const found: { cursor: string; object: object }[] = [];
  for await (const item of every(listing, parent, after)) {
    const object = toKnative(item);
    if (selects(object.metadata.labels ?? {})) found.push({ cursor: cursorOf(listing, item), object });
    if (found.length > limit) break;
  }
  const { page, nextPageToken } = pageOf(found, limit, ({ cursor }) => cursor, scope);
  return {
    apiVersion: API_VERSION,
    kind: `${kind}List`,
    metadata: nextPageToken === "" ? {} : { continue: nextPageToken },
    items: page.map(({ object }) => object),
  };
}

/** The value that a label selector asks of a label with "=", so that not everything has to be read. */
export function selectedValue({ searchParams }: URL, label: string): string | undefined {
  for (const requirement of (searchParams.get("labelSelector") ?? "").split(",")) {
    const [, key, value] = /^\s*([^\s=!()]+)\s*==?\s*([^\s=!()]+)\s*$/.exec(requirement) ?? [];
    if (key === label) return value;
  }
  return undefined;
}
