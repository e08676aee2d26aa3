import { type Function, FunctionSchema, FunctionService } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { matchesFilter } from "../../../wire/filter/matches-filter.ts";
import { parseFilter } from "../../../wire/filter/parse-filter.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { parseLocationName } from "../function-name.ts";
import { parseOrder } from "../list-order.ts";

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
      const { compare } = parseOrder(orderBy);
      const scope = `functions/${parent}/${filterText}/${orderBy}`;
      const pageSize = pageSizeOf(asked, MAX_PAGE_SIZE, MAX_PAGE_SIZE);
      const cursor = decodePageToken(pageToken, scope);
      const found: Function[] = [];
      for await (const stored of functions.list(parent))
        if (matchesFilter(filter, FunctionSchema, stored.function)) found.push(stored.function);
      found.sort(compare);
      const start = cursor ? found.findIndex(({ name }) => name === cursor.after) + 1 : 0;
      const { page, nextPageToken } = pageOf(found.slice(start), pageSize, ({ name }) => name, scope);
      return { functions: page, nextPageToken };
    },
  );
