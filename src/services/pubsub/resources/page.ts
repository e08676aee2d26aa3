import type { ResourceRow, ResourceTable } from "../../../platform/store/resource-table.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "./limits.ts";

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** A page of what a source has, in order of names; `scope` says what is listed. */
export async function pageFrom<Item>(
  { pageSize, pageToken }: PageRequest,
  scope: string,
  source: { readonly after: (name: string, limit: number) => Promise<readonly Item[]>; nameOf: (item: Item) => string },
): Promise<{ readonly page: readonly Item[]; readonly nextPageToken: string }> {
  const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const after = decodePageToken(pageToken, scope)?.after ?? "";
  return pageOf(await source.after(after, size + 1), size, source.nameOf, scope);
}

/** A page of the resources of a project. */
export function pageOfTable(table: ResourceTable, parent: string, scope: string, request: PageRequest) {
  return pageFrom<ResourceRow>(request, `${scope}/${parent}`, {
    after: (name, limit) => table.list({ parent, limit, ...(name && { after: { name } }) }),
    nameOf: ({ name }) => name,
  });
}
