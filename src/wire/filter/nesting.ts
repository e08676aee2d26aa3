import { invalidArgument } from "../errors.ts";

/** Parentheses and negations in one filter; parsers that call themselves for each stay far within their stack. */
const MOST = 1_000;

/** Rejects with INVALID_ARGUMENT a filter whose tokens could nest deeper than any that a person writes. */
export function checkNesting(tokens: readonly { readonly text: string }[]): void {
  const nesting = tokens.filter(({ text }) => text === "(" || text === "NOT" || text === "-");
  if (nesting.length <= MOST) return;
  const description = `Invalid filter: more than ${MOST} parentheses and negations.`;
  throw invalidArgument(description, [{ field: "filter", description }]);
}
