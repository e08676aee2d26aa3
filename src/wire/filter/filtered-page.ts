import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { decodePageToken, pageOf, pageSizeOf } from "../paging.ts";
import { matchesFilter } from "./matches-filter.ts";
import { parseFilter } from "./parse-filter.ts";

export interface FilteredList {
  readonly parent: string;
  readonly filter: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface PageSizes {
  /** The size of a page that is not asked for in one. */
  readonly fallback: number;
  readonly most: number;
}

/** The page of a list that is asked for, of those that pass the filter; how many pass is counted when nothing filters. */
export function filteredPage<Schema extends DescMessage>(
  schema: Schema,
  messages: readonly (MessageShape<Schema> & { readonly name: string })[],
  { parent, filter: text, pageSize, pageToken }: FilteredList,
  { fallback, most }: PageSizes,
) {
  const filter = parseFilter(text);
  const scope = `${schema.typeName}/${parent}/${text}`;
  const cursor = decodePageToken(pageToken, scope);
  const size = pageSizeOf(pageSize, fallback, most);
  const passing = messages.filter((message) => matchesFilter(filter, schema, message));
  const start = cursor ? passing.findIndex(({ name }) => name === cursor.after) + 1 : 0;
  const { page, nextPageToken } = pageOf(passing.slice(start, start + size + 1), size, ({ name }) => name, scope);
  return { page, nextPageToken, totalSize: text === "" ? messages.length : 0 };
}
