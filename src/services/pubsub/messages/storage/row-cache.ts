import type { Row } from "./message-rows.ts";
import { rowOf } from "./message-rows.ts";
import type { MessageStore } from "./store.ts";

/** Messages in memory: the newest ones and those that were read last, up to a size, for all subscriptions together. */
export interface RowCache {
  add(row: Row): void;
  /** The row that holds a message, or the next one if it is gone and that is known; undefined when it has to be read. */
  find(log: number, seq: number): Row | undefined;
  /** Reads what find does not know; resolves with the row that holds the message or the next one, if there is any. */
  read(log: number, seq: number): Promise<Row | undefined>;
  /** Forgets what a log has. */
  remove(log: number): void;
}

export interface RowCacheOptions {
  readonly store: Pick<MessageStore, "readRows">;
  readonly maxBytes: number;
  /** Read at a time, bytes. */
  readonly readBytes: number;
}

export function createRowCache({ store, maxBytes, readBytes }: RowCacheOptions): RowCache {
  /** Sorted by first number; what was used last stands last in `used`. */
  const logs = new Map<number, Row[]>();
  const used = new Set<Row>();
  let bytes = 0;

  function add(row: Row): Row {
    let rows = logs.get(row.log);
    if (!rows) logs.set(row.log, (rows = []));
    const index = indexOf(rows, row.first);
    const there = rows[index - 1];
    if (there && there.end > row.first) return there;
    rows.splice(index, 0, row);
    used.add(row);
    bytes += row.size;
    for (const oldest of used) {
      if (bytes <= maxBytes || oldest === row) break;
      drop(oldest);
    }
    return row;
  }

  function drop(row: Row): void {
    used.delete(row);
    bytes -= row.size;
    const rows = logs.get(row.log)!;
    rows.splice(indexOf(rows, row.first) - 1, 1);
    if (rows.length === 0) logs.delete(row.log);
  }

  return {
    add: (row) => void add(row),
    find(log, seq) {
      const rows = logs.get(log);
      if (!rows) return undefined;
      const row = rows[indexOf(rows, seq) - 1];
      if (!row || row.end <= seq) return undefined;
      used.delete(row);
      used.add(row);
      return row;
    },
    async read(log, seq) {
      const rows = (await store.readRows(log, seq, readBytes)).map(rowOf).map(add);
      return rows[0];
    },
    remove(log) {
      for (const row of (logs.get(log) ?? []).slice()) drop(row);
    },
  };
}

/** How many rows begin at `seq` or before. */
function indexOf(rows: readonly Row[], seq: number): number {
  let [low, high] = [0, rows.length];
  if (high > 0 && rows[high - 1]!.first <= seq) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.first <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
