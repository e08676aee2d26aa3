import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { ResourceRow, ResourceTable } from "../../platform/store/resource-table.ts";
import { matchesFilter } from "../../wire/filter/matches-filter.ts";
import { parseFilter } from "../../wire/filter/parse-filter.ts";
import { withAliases } from "../../wire/filter/with-aliases.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../wire/paging.ts";
import { messageOf } from "./rows.ts";

const DEFAULT_PAGE_SIZE = 20;
/** Google: grafeas.proto, "Must be between 1 and 1000". */
const MAX_PAGE_SIZE = 1000;
const ROWS_PER_READ = 200;

/** The older name of resource_uri, which gcloud's filters use. */
const ALIASES: Readonly<Record<string, string>> = { resourceUrl: "resource_uri", resource_url: "resource_uri" };

export interface FilteredList {
  readonly parent: string;
  readonly filter: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** A page of a parent's messages that pass the filter, in order of their names. */
export async function filteredPage<Schema extends DescMessage>(
  table: ResourceTable,
  schema: Schema,
  { parent, filter: text, pageSize: asked, pageToken }: FilteredList,
): Promise<{ page: MessageShape<Schema>[]; nextPageToken: string }> {
  const filter = withAliases(parseFilter(text), ALIASES);
  const scope = `${schema.typeName}/${parent}/${text}`;
  const pageSize = pageSizeOf(asked, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const cursor = decodePageToken(pageToken, scope);
  const found: { name: string; message: MessageShape<Schema> }[] = [];
  for await (const row of rowsOf(table, parent, cursor?.after)) {
    const message = messageOf(schema, row);
    if (matchesFilter(filter, schema, message)) found.push({ name: row.name, message });
    if (found.length > pageSize) break;
  }
  const { page, nextPageToken } = pageOf(found, pageSize, ({ name }) => name, scope);
  return { page: page.map(({ message }) => message), nextPageToken };
}

async function* rowsOf(table: ResourceTable, parent: string, start: string | undefined): AsyncIterable<ResourceRow> {
  let after = start;
  for (;;) {
    const rows = await table.list({
      parent,
      limit: ROWS_PER_READ,
      ...(after !== undefined && { after: { name: after } }),
    });
    yield* rows;
    after = rows.at(-1)?.name;
    if (rows.length < ROWS_PER_READ) return;
  }
}
