import { type Function, FunctionSchema, FunctionService } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { matchesFilter } from "../../../wire/filter/matches-filter.ts";
import { parseFilter } from "../../../wire/filter/parse-filter.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../function-name.ts";
import { parseOrder, type SortKey } from "../list-order.ts";

/** functions.proto, ListFunctionsRequest.page_size. */
const MAX_PAGE_SIZE = 1000;

/** FunctionService.ListFunctions: of one location, or of all with "-". */
export const listFunctions = ({ functions }: Pick<Deps, "functions">): Rpc =>
  rpc(
    FunctionService.method.listFunctions,
    { permission: "cloudfunctions.functions.list", audit: "ADMIN_READ" },
    async ({ parent, filter: filterText, orderBy, pageSize: asked, pageToken }) => {
      parseLocationName(parent);
      const filter = parseFilter(filterText);
      const order = parseOrder(orderBy);
      const scope = `functions/${parent}/${filterText}/${orderBy}`;
      const pageSize = pageSizeOf(asked, MAX_PAGE_SIZE, MAX_PAGE_SIZE);
      const cursor = decodePageToken(pageToken, scope);
      const after = cursor && (JSON.parse(cursor.after) as SortKey);
      const found: Entry[] = [];
      for await (const { function: fn } of functions.list(parent)) {
        const key = order.keyOf(fn);
        const isAfter = !after || order.compare(key, after) > 0;
        if (isAfter && matchesFilter(filter, FunctionSchema, fn)) found.push({ fn, key });
      }
      found.sort((a, b) => order.compare(a.key, b.key));
      const { page, nextPageToken } = pageOf(found, pageSize, ({ key }) => JSON.stringify(key), scope);
      return { functions: page.map(({ fn }) => fn), nextPageToken };
    },
  );

interface Entry {
  readonly fn: Function;
  readonly key: SortKey;
}
