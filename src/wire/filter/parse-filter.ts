import { invalidArgument } from "../errors.ts";
import { checkNesting } from "./nesting.ts";

/** A list filter as a tree. Google: AIP-160; OR binds closer than AND, as there. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly operands: readonly Filter[] }
  | { readonly kind: "not"; readonly operand: Filter }
  | {
      readonly kind: "restriction";
      readonly path: readonly string[];
      readonly comparator: Comparator;
      readonly value: string;
    };

export type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":";

/** Parses `status="A" OR tags:b AND NOT (name=c*)`; an empty text matches everything. Rejects with INVALID_ARGUMENT. */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  checkNesting(tokens);
  const filter = tokens.length === 0 ? ({ kind: "and", operands: [] } as const) : readConjunction(tokens);
  if (tokens.length > 0) throw invalidFilter(text);
  return filter;

  function readConjunction(rest: Token[]): Filter {
    const operands = [readDisjunction(rest)];
    while (rest.length > 0 && !isWord(rest, ")")) {
      if (isWord(rest, "AND")) rest.shift();
      operands.push(readDisjunction(rest));
    }
    return operands.length === 1 ? operands[0]! : { kind: "and", operands };
  }

  function readDisjunction(rest: Token[]): Filter {
    const operands = [readTerm(rest)];
    while (isWord(rest, "OR")) {
      rest.shift();
      operands.push(readTerm(rest));
    }
    return operands.length === 1 ? operands[0]! : { kind: "or", operands };
  }

  function readTerm(rest: Token[]): Filter {
    if (isWord(rest, "NOT") || isWord(rest, "-")) {
      rest.shift();
      return { kind: "not", operand: readTerm(rest) };
    }
    if (isWord(rest, "has_prefix")) return readPrefix(rest);
    if (!isWord(rest, "(")) return readRestriction(rest);
    rest.shift();
    const inner = readConjunction(rest);
    if (!isWord(rest, ")")) throw invalidFilter(text);
    rest.shift();
    return inner;
  }

  /** `has_prefix(field, "text")`, as Container Analysis documents it. */
  function readPrefix(rest: Token[]): Filter {
    const [, open, field, comma, value, close] = rest.splice(0, 6);
    const isCall = open?.text === "(" && comma?.text === "," && close?.text === ")";
    if (!isCall || !field || field.quoted || !value?.quoted) throw invalidFilter(text);
    return { kind: "restriction", path: field.text.split("."), comparator: "=", value: `${value.text}*` };
  }

  function readRestriction(rest: Token[]): Filter {
    const [field, comparator, value] = rest.splice(0, 3);
    if (!field || field.quoted || !comparator || !value) throw invalidFilter(text);
    if (!isComparator(comparator.text) || comparator.quoted || (!value.quoted && isOperator(value.text)))
      throw invalidFilter(text);
    return { kind: "restriction", path: field.text.split("."), comparator: comparator.text, value: value.text };
  }
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

function tokensOf(source: string): Token[] {
  const found: Token[] = [];
  const pattern =
    /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(<=|>=|!=|[=<>:(),])|(-(?=[(A-Za-z_]))|([^\s"'=<>:(),!]+)/gy;
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (!match) throw invalidFilter(source);
    const quoted = match[1] ?? match[2];
    const plain = match[3] ?? match[4] ?? match[5];
    if (quoted !== undefined) found.push({ text: quoted.replaceAll(/\\(.)/g, "$1"), quoted: true });
    else if (plain !== undefined) found.push({ text: plain, quoted: false });
  }
  return found;
}

function isWord(tokens: readonly Token[], word: string): boolean {
  return tokens[0]?.text === word && !tokens[0].quoted;
}

function isComparator(text: string): text is Comparator {
  return ["=", "!=", "<", "<=", ">", ">=", ":"].includes(text);
}

function isOperator(text: string): boolean {
  return isComparator(text) || text === "(" || text === ")";
}

function invalidFilter(text: string) {
  const description = `Invalid filter: ${text}`;
  return invalidArgument(description, [{ field: "filter", description }]);
}
