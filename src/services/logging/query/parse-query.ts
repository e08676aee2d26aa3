import { invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import { checkNesting } from "../../../wire/filter/nesting.ts";
import { regularExpression } from "../../../wire/patterns.ts";
import { type QueryToken, tokenize } from "./tokenize.ts";

/** A query as a tree. Google: cloud.google.com/logging/docs/view/logging-query-language. */
export type Query =
  | { readonly kind: "and" | "or"; readonly operands: readonly Query[] }
  | { readonly kind: "not"; readonly operand: Query }
  /** Text anywhere in the entry. */
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "comparison";
      readonly path: readonly string[];
      readonly operator: QueryOperator;
      readonly value: string;
    };

export type QueryOperator = "=" | "!=" | ">" | ">=" | "<" | "<=" | ":" | "=~" | "!~";

/** Functions of the query language. */
const FUNCTIONS = ["log_id", "ip_in_net", "sample", "search", "source"];

/** Parses a query; NOT binds closest, then OR, then AND, which may be left out. Rejects with INVALID_ARGUMENT. */
export function parseQuery(text: string): Query {
  const cursor: Cursor = { text, tokens: tokenize(text) };
  checkNesting(cursor.tokens);
  if (cursor.tokens.length === 0) return { kind: "and", operands: [] };
  const query = conjunction(cursor);
  if (cursor.tokens.length > 0) throw unparseable(text, cursor.tokens[0]);
  return query;
}

/** The tokens still to be read, and the whole text for messages. */
interface Cursor {
  readonly text: string;
  readonly tokens: QueryToken[];
}

function conjunction(cursor: Cursor): Query {
  const operands = [disjunction(cursor)];
  while (cursor.tokens.length > 0 && !isNext(cursor, ")")) {
    if (isNext(cursor, "AND")) cursor.tokens.shift();
    operands.push(disjunction(cursor));
  }
  return operands.length === 1 ? operands[0]! : { kind: "and", operands };
}

function disjunction(cursor: Cursor): Query {
  const operands = [negation(cursor)];
  while (isNext(cursor, "OR")) {
    cursor.tokens.shift();
    operands.push(negation(cursor));
  }
  return operands.length === 1 ? operands[0]! : { kind: "or", operands };
}

function negation(cursor: Cursor): Query {
  if (!isNext(cursor, "NOT", "-"))
    return isNext(cursor, "(") ? group(cursor, () => conjunction(cursor)) : comparison(cursor);
  cursor.tokens.shift();
  return { kind: "not", operand: negation(cursor) };
}

function group<Result>(cursor: Cursor, inside: () => Result): Result {
  expect(cursor, "(");
  const result = inside();
  expect(cursor, ")");
  return result;
}

function comparison(cursor: Cursor): Query {
  const left = take(cursor);
  if (left.kind === "symbol" || left.kind === "operator") throw unparseable(cursor.text, left);
  if (isFunction(left.text) && isNext(cursor, "(")) return call(cursor, left.text.toLowerCase());
  if (cursor.tokens[0]?.kind !== "operator") return { kind: "text", text: left.text };
  const operator = take(cursor).text as QueryOperator;
  const path = left.kind === "path" ? left.path : [left.text];
  if (isNext(cursor, "(")) return group(cursor, () => comparisons(cursor, path, operator));
  return { kind: "comparison", path, operator, value: value(cursor, operator) };
}

/** Names of functions are written in any case. */
function isFunction(name: string): boolean {
  return FUNCTIONS.includes(name.toLowerCase());
}

/** log_id("x"): entries of that log. The other functions are refused by name. */
function call(cursor: Cursor, name: string): Query {
  if (name !== "log_id") throw unsupportedField(`filter: ${name === "search" ? "SEARCH" : name}()`);
  const id = group(cursor, () => value(cursor, "="));
  const encoded = RegExp.escape(encodeURIComponent(id));
  return { kind: "comparison", path: ["logName"], operator: "=~", value: `/logs/${encoded}$` };
}

/** field = ("a" OR "b"), and the same with AND. */
function comparisons(cursor: Cursor, path: readonly string[], operator: QueryOperator): Query {
  const operands: Query[] = [{ kind: "comparison", path, operator, value: value(cursor, operator) }];
  const kind = isNext(cursor, "AND") ? "and" : "or";
  while (isNext(cursor, "OR", "AND")) {
    cursor.tokens.shift();
    operands.push({ kind: "comparison", path, operator, value: value(cursor, operator) });
  }
  return { kind, operands };
}

function value(cursor: Cursor, operator: QueryOperator): string {
  const token = take(cursor);
  if (token.kind === "symbol" || token.kind === "operator") throw unparseable(cursor.text, token);
  if ((operator === "=~" || operator === "!~") && !isRegularExpression(token.text))
    throw unparseable(cursor.text, token);
  return token.text;
}

function isRegularExpression(text: string): boolean {
  try {
    regularExpression(text);
    return true;
  } catch {
    return false;
  }
}

function isNext({ tokens }: Cursor, ...words: string[]): boolean {
  return tokens[0]?.kind === "symbol" && words.includes(tokens[0].text);
}

function take({ text, tokens }: Cursor): QueryToken {
  const token = tokens.shift();
  if (!token) throw unparseable(text, undefined);
  return token;
}

function expect(cursor: Cursor, word: string): void {
  if (!isNext(cursor, word)) throw unparseable(cursor.text, cursor.tokens[0]);
  cursor.tokens.shift();
}

function unparseable(text: string, token: QueryToken | undefined) {
  const where = token ? `at '${token.text}'` : "at end of input";
  const description = `Unparseable filter: syntax error ${where}: ${text}`;
  return invalidArgument(description, [{ field: "filter", description }]);
}
