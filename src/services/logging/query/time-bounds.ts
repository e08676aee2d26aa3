import type { Query } from "./parse-query.ts";

/** Times outside which no entry can match, ms since the epoch; for the store to narrow its search. */
export interface TimeBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The bounds that the timestamp comparisons of a query's top-level conjunction imply. */
export function timeBoundsOf(query: Query): TimeBounds {
  const operands = query.kind === "and" ? query.operands : [query];
  let [fromMs, toMs] = [0, Number.MAX_SAFE_INTEGER];
  for (const operand of operands) {
    if (operand.kind !== "comparison" || operand.path.join(".") !== "timestamp") continue;
    const ms = Date.parse(operand.value);
    if (Number.isNaN(ms)) continue;
    if (operand.operator.startsWith(">")) fromMs = Math.max(fromMs, ms);
    // Stored times are whole milliseconds, so the bound itself stays in.
    if (operand.operator.startsWith("<")) toMs = Math.min(toMs, ms + 1);
  }
  return { fromMs, toMs };
}
