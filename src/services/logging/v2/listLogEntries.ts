import { fromJsonString } from "@bufbuild/protobuf";
import { LogEntrySchema } from "../../../gen/google/logging/v2/log_entry_pb.js";
import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { decodePageToken, encodePageToken, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
import type { LoggingContext } from "../module.ts";
import { projectsOf } from "../resource-names.ts";
import { parseQuery } from "../query/parse-query.ts";
import { positionOf, searchEntries } from "../search-entries.ts";
import type { EntryPosition, EntryRow } from "../store.ts";

/** Lists matching entries by time, oldest first unless order_by says "timestamp desc". */
export const listLogEntries = ({ deps, store, registry }: LoggingContext) =>
  rpc(
    LoggingServiceV2.method.listLogEntries,
    { permission: "logging.logEntries.list", audit: "DATA_READ" },
    async (request) => {
      const projects = projectsOf(request.resourceNames, deps.projects.idOf);
      const pageSize = pageSizeOf(request.pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const scope = `${projects.join()}/${request.filter}/${request.orderBy}`;
      const rows = await searchEntries(store, {
        projects,
        query: parseQuery(request.filter),
        newestFirst: isNewestFirst(request.orderBy),
        after: readPosition(decodePageToken(request.pageToken, scope)?.after),
        limit: pageSize + 1,
      });
      const page = rows.slice(0, pageSize);
      return {
        entries: page.map((row) => fromJsonString(LogEntrySchema, row.message, { registry })),
        nextPageToken: rows.length > pageSize ? encodePageToken(writePosition(page.at(-1)!), scope) : "",
      };
    },
  );

function isNewestFirst(orderBy: string): boolean {
  if (orderBy === "" || orderBy === "timestamp asc" || orderBy === "timestamp") return false;
  if (orderBy === "timestamp desc") return true;
  const description = `order_by must be "timestamp asc" or "timestamp desc", not "${orderBy}".`;
  throw invalidArgument(description, [{ field: "order_by", description }]);
}

function writePosition(row: EntryRow): string {
  const { timestampMs, id } = positionOf(row);
  return `${timestampMs}/${id}`;
}

function readPosition(text: string | undefined): EntryPosition | undefined {
  if (text === undefined) return undefined;
  const [timestampMs, id] = text.split("/").map(Number) as [number, number];
  return { timestampMs, id };
}
