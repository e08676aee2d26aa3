import { evaluateQuery, type EntryJson } from "./query/evaluate-query.ts";
import type { Query } from "./query/parse-query.ts";
import { timeBoundsOf } from "./query/time-bounds.ts";
import { SEARCH_BATCH } from "./limits.ts";
import type { EntryPosition, EntryRow, LogStore } from "./store.ts";

export interface EntryRequest {
  readonly projects: readonly string[];
  readonly query: Query;
  readonly newestFirst: boolean;
  readonly after: EntryPosition | undefined;
  readonly limit: number;
}

/** The first `limit` entries that match, in order; reads in batches, so that a rare match costs time but no memory. */
export async function searchEntries(store: LogStore, request: EntryRequest): Promise<EntryRow[]> {
  const bounds = timeBoundsOf(request.query);
  const found: EntryRow[] = [];
  let after = request.after;
  for (;;) {
    const rows = await store.search({ ...request, ...bounds, after, limit: SEARCH_BATCH });
    for (const row of rows) {
      if (evaluateQuery(request.query, JSON.parse(row.message) as EntryJson)) found.push(row);
      if (found.length === request.limit) return found;
    }
    if (rows.length < SEARCH_BATCH) return found;
    after = positionOf(rows.at(-1)!);
  }
}

export function positionOf(row: EntryRow): EntryPosition {
  return { timestampMs: row.timestamp_ms, id: row.id };
}
