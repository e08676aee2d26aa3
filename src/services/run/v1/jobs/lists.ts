import { unimplemented } from "../../../../wire/errors.ts";
import type { Listing } from "../../every.ts";
import type { KnativeMetadata } from "../knative.ts";
import { parseLabelSelector } from "../label-selector.ts";
import { pageOfListing } from "../lists.ts";
import { API_VERSION } from "./knative.ts";

/** Google: v1 reference, namespaces.jobs.list: "Not supported by Cloud Run". */
const UNSUPPORTED = ["fieldSelector", "watch"];

interface Shown {
  readonly metadata: KnativeMetadata;
}

/** A list of objects of run.googleapis.com/v1 below `parent` that the label selector of the URL selects. */
export async function jobObjectList<Item>(
  { searchParams }: URL,
  kind: string,
  parent: string,
  listing: Listing<Item>,
  toKnative: (item: Item) => Shown,
): Promise<object> {
  const refused = UNSUPPORTED.find((name) => !["", "false"].includes(searchParams.get(name) ?? ""));
  if (refused !== undefined) throw unimplemented(`The parameter ${refused} of run.googleapis.com/v1`);
  const selector = searchParams.get("labelSelector") ?? "";
  const selects = parseLabelSelector(selector);
  const options = {
    selects: ({ metadata }: Shown) => selects(metadata.labels ?? {}),
    selectors: selector,
    limit: Number(searchParams.get("limit") ?? 0),
    continue: searchParams.get("continue") ?? "",
  };
  const { page, nextPageToken } = await pageOfListing({ kind, toKnative }, listing, parent, options);
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
