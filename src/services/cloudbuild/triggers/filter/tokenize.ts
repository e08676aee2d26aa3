import { invalidArgument } from "../../../../wire/errors.ts";

/** A word of a filter. */
export type FilterToken =
  | { readonly kind: "operator" | "name"; readonly text: string }
  | { readonly kind: "literal"; readonly text: string; readonly value: string | number | boolean | null };

const TOKEN =
  /\s+|(r?)(?:"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)')|(\d+\.\d+|\d+)|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[-!<>+?:.,()[\]])/gy;
const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
/** Deep nesting is nobody's filter. */
const MAX_TOKENS = 500;

/** Splits a filter into words; rejects with INVALID_ARGUMENT what is none. Google: cel-spec, "Lexis". */
export function tokenize(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    at = match.index + match[0].length;
    const token = tokenOf(match);
    if (token) tokens.push(token);
  }
  if (at < text.length || tokens.length > MAX_TOKENS) {
    const problem =
      at < text.length ? `Syntax error: token recognition error at '${text[at]}'` : "the filter is too long";
    throw invalidArgument(`invalid filter: ${problem}`, [{ field: "trigger.filter", description: problem }]);
  }
  return tokens;
}

function tokenOf([text, raw, double, single, number, name, operator]: RegExpExecArray): FilterToken | undefined {
  const quoted = double ?? single;
  if (quoted !== undefined) return { kind: "literal", text, value: raw === "r" ? quoted : unescape(quoted) };
  if (number !== undefined) return { kind: "literal", text, value: Number(number) };
  if (name === "in" || operator !== undefined) return { kind: "operator", text };
  if (name === undefined) return undefined;
  return Object.hasOwn(CONSTANTS, name) ? { kind: "literal", text, value: CONSTANTS[name]! } : { kind: "name", text };
}

function unescape(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] ?? char);
}
