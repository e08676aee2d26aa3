import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { matchesFilter } from "../../wire/filter/matches-filter.ts";
import { parseFilter } from "../../wire/filter/parse-filter.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../wire/paging.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "./limits.ts";

export interface FilteredList {
  readonly parent: string;
  readonly filter: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** The page of a list that is asked for, of those that pass the filter; how many pass is counted when nothing filters. */
export function filteredPage<Schema extends DescMessage>(
  schema: Schema,
  messages: readonly (MessageShape<Schema> & { readonly name: string })[],
  { parent, filter: text, pageSize, pageToken }: FilteredList,
) {
  const filter = parseFilter(text);
  const scope = `${schema.typeName}/${parent}/${text}`;
  const cursor = decodePageToken(pageToken, scope);
  const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const passing = messages.filter((message) => matchesFilter(filter, schema, message));
  const start = cursor ? passing.findIndex(({ name }) => name === cursor.after) + 1 : 0;
  const { page, nextPageToken } = pageOf(passing.slice(start, start + size + 1), size, ({ name }) => name, scope);
  return { page, nextPageToken, totalSize: text === "" ? messages.length : 0 };
}
