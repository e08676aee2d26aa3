import { RE2JS } from "@bufbuild/re2";

/**
 * Patterns that callers write. All of them are RE2's, as Google's are: matching takes a time that grows with the text and the
 * pattern, and never with the power of something.
 */
export interface Pattern {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
  /** Whether the pattern is the whole text. */
  matches(text: string): boolean;
}

/** Compiled patterns that are kept, since filters are evaluated over many items. */
const MOST_KEPT = 500;
const kept = new Map<string, Pattern>();

/** A regular expression in RE2's syntax; throws an Error that says what is wrong with it. */
export function regularExpression(source: string): Pattern {
  const known = kept.get(source);
  if (known) return known;
  const compiled = RE2JS.compile(source);
  const pattern = { test: (text: string) => compiled.test(text), matches: (text: string) => compiled.testExact(text) };
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(source, pattern);
  return pattern;
}

/** A text in which "*" stands for any characters. */
export function wildcards(text: string, { ignoreCase = false } = {}): Pattern {
  const parts = text.split("*").map((part) => RE2JS.quote(part));
  return regularExpression(`(?s${ignoreCase ? "i" : ""})${parts.join(".*")}`);
}

/** The text as a part of a regular expression that stands for itself. */
export function quoted(text: string): string {
  return RE2JS.quote(text);
}
