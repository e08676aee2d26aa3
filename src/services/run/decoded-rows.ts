import type { WatchedRow } from "./changes/watched-table.ts";

/** Most that are kept; some thousand bytes each. */
const MOST_KEPT = 1_000;

/**
 * Records of rows that were listed lately: whoever lists looks again soon, and decoding is most of what a list costs.
 * They are shared, and not to be changed.
 */
export function decodedRows<Record>(decode: (row: WatchedRow) => Record): (row: WatchedRow) => Record {
  const kept = new Map<string, { readonly row: Pick<WatchedRow, "uid" | "version">; readonly record: Record }>();
  return (row) => {
    const known = kept.get(row.name);
    if (known !== undefined && known.row.uid === row.uid && known.row.version === row.version) return known.record;
    const record = decode(row);
    kept.delete(row.name);
    kept.set(row.name, { row: { uid: row.uid, version: row.version }, record });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return record;
  };
}
