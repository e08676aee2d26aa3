import { regularExpression } from "../patterns.ts";

/** Characters of a name segment. Google: cloud.google.com/eventarc/docs/path-patterns, read 2026-11. */
const CHARACTERS = /^[\w\s~@#$%&.,?:;+='[\]()-]*$/;
const CAPTURE = /^\{([a-zA-Z0-9_]+)(?:=(.*))?\}$/s;

/** A path pattern that can be read, as a regular expression of RE2 and JavaScript alike; or what is wrong with it. */
export type PathPattern =
  | { readonly regularExpression: string; readonly problem: undefined }
  | { readonly regularExpression: undefined; readonly problem: string };

/**
 * Reads a path pattern: segments by "/", "*" for any characters of one segment (once in a segment), "**" for any number of
 * segments (once in a pattern), "{name=segment}" for a capture group, which means nothing.
 * Google: cloud.google.com/eventarc/docs/path-patterns.
 */
export function readPathPattern(pattern: string): PathPattern {
  const rooted = pattern.startsWith("/");
  const segments = (rooted ? pattern.slice(1) : pattern).split("/").map(withoutCapture);
  const broken = segments.find(({ problem }) => problem !== undefined);
  if (broken?.problem !== undefined) return unreadable(broken.problem);
  const expressions = segments.map(({ expression }) => expression);
  if (expressions.filter((expression) => expression === "**").length > 1)
    return unreadable("a path can contain only one **");
  return { regularExpression: `^${rooted ? "/?" : ""}${join(expressions)}$`, problem: undefined };
}

/** Whether a value matches a pattern that can be read; a leading slash of the pattern may lack in the value. */
export function matchesPathPattern(pattern: string, value: string): boolean {
  const { regularExpression: expression } = readPathPattern(pattern);
  return expression !== undefined && regularExpression(`(?s)${expression}`).test(value);
}

function unreadable(problem: string): PathPattern {
  return { regularExpression: undefined, problem };
}

interface Segment {
  readonly expression: string;
  readonly problem?: string;
}

function withoutCapture(segment: string): Segment {
  if (!/[{}]/.test(segment)) return checked(segment);
  const match = CAPTURE.exec(segment);
  if (!match) return { expression: segment, problem: `the capture group in "${segment}" is not valid` };
  return checked(match[2] ?? "*");
}

function checked(expression: string): Segment {
  if (expression === "") return { expression, problem: "a segment is empty" };
  if (expression === "**") return { expression };
  if (expression.split("*").length > 2)
    return { expression, problem: `the segment "${expression}" can contain only one *` };
  if (!CHARACTERS.test(expression.replace("*", "")))
    return { expression, problem: `the segment "${expression}" has characters that are not supported` };
  return { expression };
}

/** "**" takes the slash beside it along, since it matches no segments, too. */
function join(expressions: readonly string[]): string {
  let text = "";
  for (const [index, expression] of expressions.entries()) {
    const isFirst = index === 0;
    if (expression === "**") {
      const isOnly = expressions.length === 1;
      text += isFirst ? (isOnly ? ".*" : "(.*/)?") : "(/.*)?";
    } else {
      const followsFirstWild = index === 1 && expressions[0] === "**";
      text += `${isFirst || followsFirstWild ? "" : "/"}${expression.split("*").map(escapeText).join("[^/]*")}`;
    }
  }
  return text;
}

/** Escaped as RE2 takes it, too. */
function escapeText(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
}
