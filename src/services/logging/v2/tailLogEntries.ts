import { fromJsonString } from "@bufbuild/protobuf";
import { LogEntrySchema } from "../../../gen/google/logging/v2/log_entry_pb.js";
import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { SEARCH_BATCH } from "../limits.ts";
import type { LoggingContext } from "../module.ts";
import { evaluateQuery, type EntryJson } from "../query/evaluate-query.ts";
import { parseQuery } from "../query/parse-query.ts";
import { projectsOf } from "../resource-names.ts";

/** Longest wait for news before the client's presence is checked again, ms. */
const WAIT_MS = 30_000;

/** Streams entries as they are written, in order of arrival, until the client cancels. */
export const tailLogEntries = ({ deps, store, changes, registry }: LoggingContext) =>
  rpc(
    LoggingServiceV2.method.tailLogEntries,
    { permission: "logging.logEntries.list", audit: "DATA_READ" },
    async function* (requests, call) {
      const { value: request } = await requests[Symbol.asyncIterator]().next();
      if (!request) return;
      const projects = projectsOf(request.resourceNames, deps.projects.idOf);
      const query = parseQuery(request.filter);
      let last = await store.lastId();
      while (!call.signal.aborted) {
        const isNews = async () => (await store.since(projects, last, 1)).length > 0;
        await changes.waitUntil("entries", isNews, WAIT_MS, call.signal);
        const rows = await store.since(projects, last, SEARCH_BATCH);
        last = rows.at(-1)?.id ?? last;
        const matching = rows.filter((row) => evaluateQuery(query, JSON.parse(row.message) as EntryJson));
        const entries = matching.map((row) => fromJsonString(LogEntrySchema, row.message, { registry }));
        if (entries.length) yield { entries };
      }
    },
  );
