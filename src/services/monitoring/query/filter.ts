import { type Pattern, regularExpression as compile } from "../../../wire/patterns.ts";
import type { SeriesHeader } from "../series.ts";
import { invalidFilter, type TokenReader, tokenReader } from "./tokens.ts";

/** A monitoring filter: whether a series is chosen. Google: Cloud Monitoring, "Monitoring filters". */
export interface ParsedFilter {
  /** The metric types that it asks for by name, in order. */
  readonly metricTypes: readonly string[];
  matches(header: SeriesHeader, project: string): boolean;
}

type Test = (header: SeriesHeader, project: string) => boolean;
type TextTest = (text: string | undefined) => boolean;

/** Parses the filter of time series, which must ask for one metric type. Rejects with INVALID_ARGUMENT. */
export function parseSeriesFilter(text: string): ParsedFilter & { readonly metricType: string } {
  const filter = parseFilter(text);
  const [metricType] = filter.metricTypes;
  if (metricType !== undefined && new Set(filter.metricTypes).size === 1) return { ...filter, metricType };
  const example = 'metric.type = "run.googleapis.com/request_count"';
  throw invalidFilter(`The filter must specify a single metric type, for example ${example}.`);
}

/** Parses `metric.type = "x" AND resource.labels.a = starts_with("b")`. Rejects with INVALID_ARGUMENT. */
export function parseFilter(text: string): ParsedFilter {
  const metricTypes: string[] = [];
  const tokens = tokenReader(text);
  const matches = readConjunction(tokens, metricTypes);
  if (tokens.next) throw invalidFilter(`Unexpected "${tokens.next.text}" in the filter.`);
  return { metricTypes, matches };
}

function readConjunction(tokens: TokenReader, metricTypes: string[]): Test {
  const tests = [readDisjunction(tokens, metricTypes)];
  while (tokens.next && !tokens.isNext(")")) {
    tokens.skip("AND");
    tests.push(readDisjunction(tokens, metricTypes));
  }
  return (...about) => tests.every((each) => each(...about));
}

function readDisjunction(tokens: TokenReader, metricTypes: string[]): Test {
  const tests = [readTerm(tokens, metricTypes)];
  while (tokens.skip("OR")) tests.push(readTerm(tokens, metricTypes));
  return (...about) => tests.some((each) => each(...about));
}

function readTerm(tokens: TokenReader, metricTypes: string[]): Test {
  if (tokens.skip("NOT") || tokens.skip("-")) {
    const inner = readTerm(tokens, metricTypes);
    return (...about) => !inner(...about);
  }
  if (!tokens.skip("(")) return readComparison(tokens, metricTypes);
  const inner = readConjunction(tokens, metricTypes);
  tokens.expect(")");
  return inner;
}

function readComparison(tokens: TokenReader, metricTypes: string[]): Test {
  const field = tokens.take().text;
  const select = selectorOf(field);
  const operator = tokens.take().text;
  if (field === "metric.type" && operator === "=" && tokens.next?.quoted === true) metricTypes.push(tokens.next.text);
  const satisfies = readValue(tokens, operator);
  return (header, project) => satisfies(select(header, project));
}

function readValue(tokens: TokenReader, operator: string): TextTest {
  const value = tokens.take();
  if (operator === ":") return (text) => text !== undefined && text.includes(value.text);
  if (operator !== "=" && operator !== "!=") return ordered(operator, value.text);
  const isFunction = !value.quoted && tokens.isNext("(");
  const equals: TextTest = isFunction ? readFunction(tokens, value.text) : (text) => text === value.text;
  return operator === "=" ? equals : (text) => !equals(text);
}

function readFunction(tokens: TokenReader, name: string): TextTest {
  tokens.expect("(");
  const values: string[] = [];
  while (!tokens.isNext(")")) {
    values.push(tokens.take().text);
    tokens.skip(",");
  }
  tokens.expect(")");
  return functionOf(name, values);
}

/** How a field of the filter is read of a series. */
export function selectorOf(field: string): (header: SeriesHeader, project: string) => string | undefined {
  const label = /^(metric|resource)\.labels?\.(.+)$/.exec(field);
  if (label) {
    const [, part, name] = label as unknown as [string, "metric" | "resource", string];
    return (header) => header[part].labels[name.replaceAll('"', "")];
  }
  if (field === "metric.type") return ({ metric }) => metric.type;
  if (field === "resource.type") return ({ resource }) => resource.type;
  if (field === "project") return (_, project) => project;
  throw invalidFilter(`The filter field "${field}" is not supported by homerun.`);
}

function functionOf(name: string, values: readonly string[]): TextTest {
  const [value = ""] = values;
  switch (name) {
    case "starts_with":
      return (text) => text?.startsWith(value) ?? false;
    case "ends_with":
      return (text) => text?.endsWith(value) ?? false;
    case "has_substring":
      return (text) => text?.includes(value) ?? false;
    case "one_of":
      return (text) => text !== undefined && values.includes(text);
    case "monitoring.regex.full_match": {
      const pattern = regularExpression(value);
      return (text) => text !== undefined && pattern.matches(text);
    }
    default:
      throw invalidFilter(`The filter function "${name}" is not known.`);
  }
}

function regularExpression(source: string): Pattern {
  try {
    return compile(source);
  } catch (cause) {
    throw invalidFilter(`"${source}" is not a regular expression: ${(cause as Error).message}`);
  }
}

function ordered(operator: string, value: string): TextTest {
  if (![">", ">=", "<", "<="].includes(operator)) throw invalidFilter(`"${operator}" is not an operator of filters.`);
  return (text) => {
    if (text === undefined) return false;
    const difference = Number(text) - Number(value);
    if (operator === ">") return difference > 0;
    if (operator === ">=") return difference >= 0;
    return operator === "<" ? difference < 0 : difference <= 0;
  };
}
