import type { Filter } from "./parse-filter.ts";

/** The filter with other names that an API has for fields replaced by those of the proto. */
export function withAliases(filter: Filter, aliases: Readonly<Record<string, string>>): Filter {
  if (filter.kind === "not") return { ...filter, operand: withAliases(filter.operand, aliases) };
  if (filter.kind !== "restriction")
    return { ...filter, operands: filter.operands.map((operand) => withAliases(operand, aliases)) };
  const [first = "", ...rest] = filter.path;
  return { ...filter, path: [aliases[first] ?? first, ...rest] };
}
