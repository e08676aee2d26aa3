import { inspect } from "node:util";

/** A value as both databases take it: booleans become 0 and 1; what only one of them would take is an error. */
export function toSqlParameter(value: unknown): string | number | bigint | Uint8Array | null {
  if (value === null || typeof value === "string" || typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(
    `not a value of a column: ${inspect(value)}; store text, finite numbers, booleans, bytes or null`,
  );
}
