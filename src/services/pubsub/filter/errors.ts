import { type ApiError, invalidArgument } from "../../../wire/errors.ts";
import type { Token } from "./tokenize.ts";

/** INVALID_ARGUMENT that says where a filter stops making sense, in the wording of Google's other filters. */
export function unparseable({ kind, text, column }: Token): ApiError {
  const what = kind === "end" ? "unexpected end of input" : `token '${text}'`;
  return invalidFilter(`Unparseable filter: syntax error at line 1, column ${column}, ${what}`);
}

/** INVALID_ARGUMENT about a filter as a whole. */
export function invalidFilter(description: string): ApiError {
  return invalidArgument(description, [{ field: "subscription.filter", description }]);
}
