import { invalidArgument } from "../../wire/errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../wire/paging.ts";
import { LIMITS } from "./limits.ts";

/** What a list request asks for besides its parent. */
export interface ListRequest {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly filter?: string;
  readonly orderBy?: string;
}

/** How to order: by a field's value, then by name. */
export type SortKeys<Item> = Readonly<Record<string, (item: Item) => string | number>>;

/** One page of items that are all at hand, ordered as the request asks; `name` tells them apart. */
export function pagedList<Item extends { readonly name: string }>(
  method: string,
  request: ListRequest,
  items: readonly Item[],
  sortKeys: SortKeys<Item> = {},
): { page: Item[]; nextPageToken: string } {
  const { parent, filter = "", orderBy = "" } = request;
  const pageSize = pageSizeOf(request.pageSize, LIMITS.defaultPage, LIMITS.page);
  const scope = JSON.stringify([method, parent, filter, orderBy]);
  const ordered = items.toSorted(comparatorOf(orderBy, sortKeys));
  const after = decodePageToken(request.pageToken, scope)?.after;
  const start = after === undefined ? 0 : ordered.findIndex(({ name }) => name === after) + 1;
  return pageOf(ordered.slice(start, start + pageSize + 1), pageSize, ({ name }) => name, scope);
}

function comparatorOf<Item extends { readonly name: string }>(orderBy: string, sortKeys: SortKeys<Item>) {
  const [field = "", direction = "asc"] = orderBy.trim().split(/\s+/);
  const keyOf = { name: ({ name }: Item) => name, ...sortKeys }[field || "name"];
  if (!keyOf || !/^(asc|desc)$/i.test(direction)) throw invalidOrder(orderBy, ["name", ...Object.keys(sortKeys)]);
  const sign = direction.toLowerCase() === "desc" ? -1 : 1;
  return (one: Item, other: Item) => sign * compare(keyOf(one), keyOf(other)) || compare(one.name, other.name);
}

function compare(one: string | number, other: string | number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function invalidOrder(orderBy: string, fields: readonly string[]) {
  const description = `Invalid order: '${orderBy}'. The fields to order by are: ${fields.join(", ")}.`;
  return invalidArgument(description, [{ field: "order_by", description }]);
}
