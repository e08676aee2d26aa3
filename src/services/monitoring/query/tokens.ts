import { invalidArgument } from "../../../wire/errors.ts";
import { checkNesting } from "../../../wire/filter/nesting.ts";

export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** The words of a filter, one after the other. */
export interface TokenReader {
  /** The token to be taken next; undefined at the end. */
  readonly next: Token | undefined;
  /** Whether this word comes next, without quotes. */
  isNext(word: string): boolean;
  /** Takes the word if it comes next. */
  skip(word: string): boolean;
  /** Rejects at the end. */
  take(): Token;
  /** Takes the word; rejects when another one comes. */
  expect(word: string): void;
}

const PATTERN = /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(<=|>=|!=|[=<>:(),])|(-(?=[(a-z]))|([^\s"'=<>:(),!]+)/gy;

/** Reads a filter word by word; rejects with INVALID_ARGUMENT what is none. */
export function tokenReader(source: string): TokenReader {
  const tokens = tokenize(source);
  checkNesting(tokens);
  const reader: TokenReader = {
    get next() {
      return tokens[0];
    },
    isNext: (word) => tokens[0]?.text === word && !tokens[0].quoted,
    skip: (word) => reader.isNext(word) && tokens.shift() !== undefined,
    take() {
      const token = tokens.shift();
      if (!token) throw invalidFilter("The filter ends too early.");
      return token;
    },
    expect(word) {
      const { text } = reader.take();
      if (text !== word) throw invalidFilter(`Expected "${word}" in the filter, found "${text}".`);
    },
  };
  return reader;
}

/** INVALID_ARGUMENT for a filter. */
export function invalidFilter(description: string) {
  return invalidArgument(`Field filter had an invalid value: ${description}`, [{ field: "filter", description }]);
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (!match) throw invalidFilter(`The filter cannot be read: ${source}`);
    const quoted = match[1] ?? match[2];
    const plain = match[3] ?? match[4] ?? match[5];
    if (quoted !== undefined) tokens.push({ text: quoted.replaceAll(/\\(.)/g, "$1"), quoted: true });
    else if (plain !== undefined) tokens.push({ text: plain, quoted: false });
  }
  return tokens;
}
