import { invalidValue } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { integerOf } from "./json-call.ts";

/** maxResults, at most 1000. */
export function maxResultsOf(query: URLSearchParams): number {
  const asked = integerOf(query, "maxResults") ?? 0n;
  if (asked < 0n) throw invalidValue("Invalid value for maxResults: it must not be negative.", "maxResults");
  return asked === 0n || asked > LIMITS.listPage ? LIMITS.listPage : Number(asked);
}
