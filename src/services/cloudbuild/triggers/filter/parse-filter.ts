import { type ApiError, invalidArgument } from "../../../../wire/errors.ts";
import { type FilterToken, tokenize } from "./tokenize.ts";

/** A filter of a trigger as a tree: the part of the Common Expression Language that works on substitutions. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

/** Functions by name, with how many arguments they take, the one before the dot included. */
const FUNCTIONS: Readonly<Record<string, number>> = { matches: 2, startsWith: 2, endsWith: 2, contains: 2, size: 1 };
/** Binary operators, those that bind least first. Google: cel-spec, "Syntax". */
const LEVELS = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+"]] as const;

/**
 * Parses the filter of a trigger; undefined for an empty one. Rejects with INVALID_ARGUMENT what is no expression, and by
 * name functions and operators that are not served. Google: cloud.google.com/build/docs/filter-build-events-using-cel.
 */
export function parseFilter(text: string): Expression | undefined {
  const tokens = tokenize(text);
  if (tokens.length === 0) return undefined;
  const expression = readConditional(tokens);
  if (tokens.length > 0) throw invalidTriggerFilter(`Syntax error: unexpected "${tokens[0]!.text}"`);
  return expression;
}

/** INVALID_ARGUMENT for a filter. */
export function invalidTriggerFilter(problem: string): ApiError {
  return invalidArgument(`invalid filter: ${problem}`, [{ field: "trigger.filter", description: problem }]);
}

function readConditional(tokens: FilterToken[]): Expression {
  const condition = readBinary(tokens, 0);
  if (!take(tokens, "?")) return condition;
  const yes = readConditional(tokens);
  expect(tokens, ":");
  return call("?:", condition, yes, readConditional(tokens));
}

function readBinary(tokens: FilterToken[], level: number): Expression {
  const operators: readonly string[] | undefined = LEVELS[level];
  if (!operators) return readUnary(tokens);
  let left = readBinary(tokens, level + 1);
  for (;;) {
    const operator = tokens[0]?.kind === "operator" ? tokens[0].text : "";
    if (!operators.includes(operator)) return left;
    tokens.shift();
    left = call(operator, left, readBinary(tokens, level + 1));
  }
}

function readUnary(tokens: FilterToken[]): Expression {
  if (take(tokens, "!")) return call("!", readUnary(tokens));
  if (take(tokens, "-")) return call("negate", readUnary(tokens));
  let expression = readPrimary(tokens);
  while (take(tokens, ".")) expression = readMethod(expression, tokens);
  return expression;
}

function readMethod(target: Expression, tokens: FilterToken[]): Expression {
  const name = tokens.shift()?.text ?? "";
  if (tokens[0]?.text !== "(") throw invalidTriggerFilter(`The field .${name} is not supported by homerun.`);
  return readCall(name, tokens, [target]);
}

function readPrimary(tokens: FilterToken[]): Expression {
  const token = tokens.shift();
  if (!token) throw invalidTriggerFilter("Syntax error: unexpected end");
  if (token.kind === "literal") return { kind: "literal", value: token.value };
  if (token.kind === "name")
    return tokens[0]?.text === "(" ? readCall(token.text, tokens, []) : { kind: "variable", name: token.text };
  if (token.text === "[") return { kind: "list", items: readItems(tokens, "]") };
  if (token.text !== "(") throw invalidTriggerFilter(`Syntax error: unexpected "${token.text}"`);
  const inner = readConditional(tokens);
  expect(tokens, ")");
  return inner;
}

function readCall(name: string, tokens: FilterToken[], before: readonly Expression[]): Expression {
  expect(tokens, "(");
  const args = [...before, ...readItems(tokens, ")")];
  if (!Object.hasOwn(FUNCTIONS, name)) throw invalidTriggerFilter(`The function ${name} is not supported by homerun.`);
  if (args.length !== FUNCTIONS[name]) throw invalidTriggerFilter(`found no matching overload for '${name}'`);
  return call(name, ...args);
}

function readItems(tokens: FilterToken[], end: string): Expression[] {
  const items: Expression[] = [];
  while (!take(tokens, end)) {
    if (items.length > 0) expect(tokens, ",");
    items.push(readConditional(tokens));
  }
  return items;
}

function call(name: string, ...args: Expression[]): Expression {
  return { kind: "call", name, args };
}

function take(tokens: FilterToken[], text: string): boolean {
  const isIt = tokens[0]?.kind === "operator" && tokens[0].text === text;
  if (isIt) tokens.shift();
  return isIt;
}

function expect(tokens: FilterToken[], text: string): void {
  if (!take(tokens, text)) throw invalidTriggerFilter(`Syntax error: expected "${text}"`);
}
