import { regularExpression } from "../../../wire/patterns.ts";
import type { Query, QueryOperator } from "./parse-query.ts";

/** A log entry in canonical JSON. */
export type EntryJson = Readonly<Record<string, unknown>>;

type Comparison = Extract<Query, { kind: "comparison" }>;

/** Names of google.logging.type.LogSeverity in their order. */
const SEVERITIES = ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"];

/** Whether an entry matches a query. Text is compared without regard to case, as Cloud Logging does. */
export function evaluateQuery(query: Query, entry: EntryJson): boolean {
  switch (query.kind) {
    case "and":
      return query.operands.every((operand) => evaluateQuery(operand, entry));
    case "or":
      return query.operands.some((operand) => evaluateQuery(operand, entry));
    case "not":
      return !evaluateQuery(query.operand, entry);
    case "text":
      return containsText(entry, query.text.toLowerCase());
    case "comparison":
      return compareField(query, entry);
  }
}

function compareField({ path, operator, value }: Comparison, entry: EntryJson): boolean {
  const found = valuesAt(entry, path);
  if (operator === "!=") return !found.some((each) => compare(path, each, "=", value));
  if (operator === "!~") return !found.some((each) => compare(path, each, "=~", value));
  // The default severity is left out of canonical JSON.
  const values = found.length === 0 && path[0] === "severity" ? ["DEFAULT"] : found;
  return values.some((each) => compare(path, each, operator, value));
}

function compare(path: readonly string[], found: unknown, operator: QueryOperator, wanted: string): boolean {
  if (operator === ":") return wanted === "*" || containsText(found, wanted.toLowerCase());
  if (typeof found !== "string" && typeof found !== "number" && typeof found !== "boolean") return false;
  if (operator === "=~") return regularExpression(wanted).test(String(found));
  const difference = differenceOf(path.at(-1)!, String(found), wanted);
  if (operator === "=") return difference === 0;
  if (operator === ">") return difference > 0;
  if (operator === ">=") return difference >= 0;
  return operator === "<" ? difference < 0 : difference <= 0;
}

/** Below, at or above zero as `found` comes before, with or after `wanted`; NaN when they cannot be compared. */
function differenceOf(field: string, found: string, wanted: string): number {
  if (field === "severity") return severityRank(found) - severityRank(wanted);
  if (/timestamp$|time$/i.test(field) && !Number.isNaN(Date.parse(wanted)))
    return Date.parse(found) - Date.parse(wanted);
  const isNumeric = found !== "" && wanted !== "" && !Number.isNaN(Number(found)) && !Number.isNaN(Number(wanted));
  if (isNumeric) return Number(found) - Number(wanted);
  const [a, b] = [found.toLowerCase(), wanted.toLowerCase()];
  return a < b ? -1 : Number(a > b);
}

function severityRank(severity: string): number {
  return /^\d+$/.test(severity) ? Number(severity) / 100 : SEVERITIES.indexOf(severity.toUpperCase());
}

/** All values a path leads to; arrays stand for each of their elements. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  const fields = value as Record<string, unknown>;
  return valuesAt(fields[name] ?? fields[camelCase(name)], rest);
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function containsText(value: unknown, text: string): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some((each) => containsText(each, text));
  return String(value).toLowerCase().includes(text);
}
