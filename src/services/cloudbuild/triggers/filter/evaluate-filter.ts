import { regularExpression } from "../../../../wire/patterns.ts";
import { type Expression, invalidTriggerFilter } from "./parse-filter.ts";

type Value = string | number | boolean | null | readonly Value[];

/**
 * Whether an event with these substitutions passes the filter. Rejects with INVALID_ARGUMENT when the filter has no value
 * of truth for it: an unknown variable, types that do not fit, a regular expression that does not end.
 */
export function passesFilter(filter: Expression | undefined, substitutions: Readonly<Record<string, string>>): boolean {
  if (!filter) return true;
  const value = evaluate(filter, substitutions);
  if (typeof value !== "boolean") throw invalidTriggerFilter("the filter is no boolean expression");
  return value;
}

function evaluate(expression: Expression, variables: Readonly<Record<string, string>>): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "variable": {
      const value = Object.hasOwn(variables, expression.name) ? variables[expression.name] : undefined;
      if (value === undefined) throw invalidTriggerFilter(`undeclared reference to '${expression.name}'`);
      return value;
    }
    case "list":
      return expression.items.map((item) => evaluate(item, variables));
    case "call":
      return evaluateCall(expression.name, expression.args, variables);
  }
}

function evaluateCall(name: string, args: readonly Expression[], variables: Readonly<Record<string, string>>): Value {
  const [first, second, third] = args;
  const value = (of: Expression | undefined) => evaluate(of!, variables);
  if (name === "&&") return truth(value(first)) && truth(value(second));
  if (name === "||") return truth(value(first)) || truth(value(second));
  if (name === "?:") return truth(value(first)) ? value(second) : value(third);
  if (name === "!") return !truth(value(first));
  const values = args.map(value);
  return compareValues(name, values) ?? callFunction(name, values);
}

function compareValues(name: string, [a, b]: readonly Value[]): Value | undefined {
  if (name === "==") return isSame(a!, b!);
  if (name === "!=") return !isSame(a!, b!);
  if (name === "in") {
    if (!Array.isArray(b)) throw noOverload("in");
    return b.some((item: Value) => isSame(a!, item));
  }
  if (!["<", "<=", ">", ">="].includes(name)) return undefined;
  if (typeof a !== typeof b || (typeof a !== "string" && typeof a !== "number")) throw noOverload(name);
  const [left, right] = [a, b as typeof a];
  if (name === "<") return left < right;
  if (name === "<=") return left <= right;
  return name === ">" ? left > right : left >= right;
}

function callFunction(name: string, [a, b]: readonly Value[]): Value {
  if (name === "size" && Array.isArray(a)) return a.length;
  if (typeof a === "number") {
    if (name === "negate") return -a;
    if (name === "+" && typeof b === "number") return a + b;
  }
  if (typeof a !== "string") throw noOverload(name);
  if (name === "size") return Array.from(a).length;
  if (typeof b !== "string") throw noOverload(name);
  if (name === "+") return a + b;
  if (name === "startsWith") return a.startsWith(b);
  if (name === "endsWith") return a.endsWith(b);
  if (name === "contains") return a.includes(b);
  if (name === "matches") return matches(a, b);
  throw noOverload(name);
}

function matches(text: string, pattern: string): boolean {
  try {
    return regularExpression(pattern).test(text);
  } catch (error) {
    throw invalidTriggerFilter(`matches: ${(error as Error).message}`);
  }
}

function isSame(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Value, index) => isSame(item, b[index] as Value));
  return a === b;
}

function truth(value: Value): boolean {
  if (typeof value !== "boolean") throw noOverload("logical operator");
  return value;
}

function noOverload(name: string) {
  return invalidTriggerFilter(`found no matching overload for '${name}'`);
}
