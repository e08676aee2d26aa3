import { invalidArgument } from "../../../wire/errors.ts";

export type QueryToken =
  | { readonly kind: "symbol" | "operator" | "string"; readonly text: string }
  /** An unquoted word; `path` are its segments, where quoted segments may hold dots: labels."a.b". */
  | { readonly kind: "path"; readonly text: string; readonly path: readonly string[] };

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const SEGMENT = String.raw`(?:${STRING}|[^\s"=!<>:()~,.]+)`;
const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<operator>=~|!~|!=|>=|<=|[=<>:])`,
    String.raw`(?<symbol>[()]|(?:AND|OR|NOT)(?![^\s()"])|-(?=[A-Za-z("]))`,
    // A quoted text alone is a string; with a segment before or after it, it is a part of a path.
    String.raw`(?<word>(?!${STRING}(?!\.))${SEGMENT}(?:\.${SEGMENT})*)`,
    String.raw`(?<string>${STRING}|'(?:[^'\\]|\\.)*')`,
  ].join("|"),
  "y",
);

/** Cuts a query into tokens; comments ("-- ...") are dropped. Rejects with INVALID_ARGUMENT. */
export function tokenize(text: string): QueryToken[] {
  const tokens: QueryToken[] = [];
  for (let index = 0; index < text.length;) {
    TOKEN.lastIndex = index;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw invalidArgument(`Unparseable filter: unexpected character at ${index + 1}: ${text}`);
    const token = tokenOf(groups);
    if (token) tokens.push(token);
    index = TOKEN.lastIndex;
  }
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): QueryToken | undefined {
  const { operator, symbol, word, string } = groups;
  if (operator !== undefined) return { kind: "operator", text: operator };
  if (symbol !== undefined) return { kind: "symbol", text: symbol };
  if (string !== undefined) return { kind: "string", text: unquote(string) };
  return word === undefined ? undefined : { kind: "path", text: word, path: segmentsOf(word) };
}

function segmentsOf(word: string): string[] {
  return [...word.matchAll(new RegExp(`${STRING}|[^."]+`, "g"))].map(([segment]) =>
    segment.startsWith('"') ? unquote(segment) : segment,
  );
}

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (_, character: string) => ({ n: "\n", t: "\t" })[character] ?? character);
}
