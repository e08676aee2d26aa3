import { unparseable } from "./errors.ts";

/** A piece of a filter; `text` of a string is what it means, escapes resolved. */
export interface Token {
  readonly kind: "word" | "string" | "symbol" | "end";
  readonly text: string;
  /** Where it begins, counted from 1 in characters. */
  readonly column: number;
}

const TOKEN = /\s*(?:(?<word>\w[\w-]*)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<symbol>!=|[-():=.,]))/suy;
const ESCAPE = /\\(?:[xX]([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gsu;
const NAMED: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The tokens of a filter, the last one of kind "end". Rejects with INVALID_ARGUMENT at what begins none. */
export function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  while (filter.slice(index).trim() !== "") {
    TOKEN.lastIndex = index;
    const groups = TOKEN.exec(filter)?.groups;
    const column = columnOf(filter, index);
    if (!groups)
      throw unparseable({
        kind: "symbol",
        text: String.fromCodePoint(filter.slice(index).trim().codePointAt(0)!),
        column,
      });
    index = TOKEN.lastIndex;
    if (groups["word"] !== undefined) tokens.push({ kind: "word", text: groups["word"], column });
    else if (groups["symbol"] !== undefined) tokens.push({ kind: "symbol", text: groups["symbol"], column });
    else tokens.push({ kind: "string", text: unescape(groups["string"]!.slice(1, -1), column), column });
  }
  return [...tokens, { kind: "end", text: "", column: Array.from(filter).length + 1 }];
}

function columnOf(filter: string, index: number): number {
  const blank = filter.slice(index).length - filter.slice(index).trimStart().length;
  return Array.from(filter.slice(0, index + blank)).length + 1;
}

function unescape(text: string, column: number): string {
  return text.replace(ESCAPE, (whole, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
    const digits = hex ?? short ?? long;
    const code = digits === undefined ? parseInt(octal ?? "", 8) : parseInt(digits, 16);
    if (code > 0x10ffff) throw unparseable({ kind: "string", text: whole, column });
    return Number.isNaN(code) ? (NAMED[other!] ?? other!) : String.fromCodePoint(code);
  });
}
