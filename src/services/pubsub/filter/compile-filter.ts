import { invalidFilter, unparseable } from "./errors.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** Whether a message with these attributes passes. */
export type AttributesFilter = (attributes: Readonly<Record<string, string>>) => boolean;

/** Longest filter, bytes (cloud.google.com/pubsub/docs/subscription-message-filter). */
const MAX_FILTER_BYTES = 256;

/**
 * Reads a filter of a subscription: `attributes:KEY`, `attributes.KEY = "v"`, `!=`, `hasPrefix(attributes.KEY, "v")`, NOT
 * or -, and AND or OR, which mix only with parentheses. An empty filter passes everything. Rejects with
 * INVALID_ARGUMENT, saying at which column. Google: cloud.google.com/pubsub/docs/subscription-message-filter.
 */
export function compileFilter(text: string): AttributesFilter {
  if (text === "") return () => true;
  if (Buffer.byteLength(text) > MAX_FILTER_BYTES)
    throw invalidFilter(`The filter is too long. It must be at most ${MAX_FILTER_BYTES} bytes.`);
  const tokens = tokenize(text);
  const filter = readExpression(tokens);
  if (tokens[0]!.kind !== "end") throw unparseable(tokens[0]!);
  return filter;
}

function readExpression(tokens: Token[]): AttributesFilter {
  const operands = [readTerm(tokens)];
  const operator = tokens[0]!;
  if (!isWord(operator, "AND", "OR")) return operands[0]!;
  while (isWord(tokens[0]!, "AND", "OR")) {
    if (tokens[0]!.text !== operator.text) throw unparseable(tokens[0]!);
    tokens.shift();
    operands.push(readTerm(tokens));
  }
  if (operator.text === "AND") return (attributes) => operands.every((passes) => passes(attributes));
  return (attributes) => operands.some((passes) => passes(attributes));
}

function readTerm(tokens: Token[]): AttributesFilter {
  if (isWord(tokens[0]!, "NOT") || isSymbol(tokens[0]!, "-")) {
    tokens.shift();
    const operand = readTerm(tokens);
    return (attributes) => !operand(attributes);
  }
  if (isSymbol(tokens[0]!, "(")) {
    tokens.shift();
    const inner = readExpression(tokens);
    take(tokens, ")");
    return inner;
  }
  return isWord(tokens[0]!, "hasPrefix") ? readPrefix(tokens) : readComparison(tokens);
}

function readPrefix(tokens: Token[]): AttributesFilter {
  tokens.shift();
  take(tokens, "(");
  takeAttributes(tokens);
  take(tokens, ".");
  const key = takeKey(tokens);
  take(tokens, ",");
  const prefix = takeString(tokens);
  take(tokens, ")");
  return (attributes) => Object.hasOwn(attributes, key) && attributes[key]!.startsWith(prefix);
}

function readComparison(tokens: Token[]): AttributesFilter {
  takeAttributes(tokens);
  if (isSymbol(tokens[0]!, ":")) {
    tokens.shift();
    const key = takeKey(tokens);
    return (attributes) => Object.hasOwn(attributes, key);
  }
  take(tokens, ".");
  const key = takeKey(tokens);
  const operator = tokens.shift()!;
  if (!isSymbol(operator, "=", "!=")) throw unparseable(operator);
  const value = takeString(tokens);
  const equals: AttributesFilter = (attributes) => Object.hasOwn(attributes, key) && attributes[key] === value;
  return operator.text === "=" ? equals : (attributes) => !equals(attributes);
}

function takeAttributes(tokens: Token[]): void {
  if (!isWord(tokens[0]!, "attributes")) throw unparseable(tokens[0]!);
  tokens.shift();
}

function takeKey(tokens: Token[]): string {
  const token = tokens[0]!;
  if (token.kind !== "word" && token.kind !== "string") throw unparseable(token);
  return tokens.shift()!.text;
}

function takeString(tokens: Token[]): string {
  if (tokens[0]!.kind !== "string") throw unparseable(tokens[0]!);
  return tokens.shift()!.text;
}

function take(tokens: Token[], symbol: string): void {
  if (!isSymbol(tokens[0]!, symbol)) throw unparseable(tokens[0]!);
  tokens.shift();
}

function isWord(token: Token, ...words: readonly string[]): boolean {
  return token.kind === "word" && words.includes(token.text);
}

function isSymbol(token: Token, ...symbols: readonly string[]): boolean {
  return token.kind === "symbol" && symbols.includes(token.text);
}
