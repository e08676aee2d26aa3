import { findMatch, matchingPrefix, matchingSuffix, parsePattern } from "./match-pattern.ts";

/**
 * The value of `${NAME OPERATION}` as bash computes it, where `operation` is all that stands between the name and the closing
 * brace; undefined when it is no operation that Cloud Build knows. `expand` expands the templates inside arguments.
 * Google: cloud.google.com/build/docs/configuring-builds/use-bash-and-bindings-in-substitutions.
 */
export function applyOperation(
  value: string | undefined,
  operation: string,
  expand: (text: string) => string,
): string | undefined {
  const fallback = /^(:?)([-=+])([\s\S]*)$/.exec(operation);
  if (fallback) return withFallback(value, fallback[1] !== "", fallback[2]!, fallback[3]!, expand);
  const text = value ?? "";
  const range = /^:\s*(-?\d+)(?::\s*(-?\d+))?$/.exec(expand(operation));
  if (range)
    return substring(Array.from(text), Number(range[1]), range[2] === undefined ? undefined : Number(range[2]));
  const removal = /^(##?|%%?)([\s\S]*)$/.exec(operation);
  if (removal) return remove(text, removal[1]!, expand(removal[2]!));
  const change = /^(\^\^?|,,?)$/.exec(operation);
  if (change) return changeCase(text, change[1]!);
  const replacement = /^\/([/#%]?)((?:\\[\s\S]|[^\\/])+)(?:\/([\s\S]*))?$/.exec(operation);
  if (!replacement) return undefined;
  return replace(text, replacement[1]!, expand(replacement[2]!), expand(unescapeSlashes(replacement[3] ?? "")));
}

function withFallback(
  value: string | undefined,
  emptyIsUnset: boolean,
  operator: string,
  word: string,
  expand: (text: string) => string,
): string {
  const isSet = value !== undefined && !(emptyIsUnset && value === "");
  if (operator === "+") return isSet ? expand(word) : "";
  return isSet ? value : expand(word);
}

function substring(chars: readonly string[], offset: number, length: number | undefined): string {
  const start = offset < 0 ? chars.length + offset : offset;
  if (start < 0) return "";
  if (length === undefined) return chars.slice(start).join("");
  return chars.slice(start, length < 0 ? Math.max(start, chars.length + length) : start + length).join("");
}

function remove(text: string, operator: string, pattern: string): string {
  const chars = Array.from(text);
  const atStart = operator.startsWith("#");
  const found = (atStart ? matchingPrefix : matchingSuffix)(parsePattern(pattern), chars);
  const length = (operator.length === 2 ? found?.longest : found?.shortest) ?? 0;
  return (atStart ? chars.slice(length) : chars.slice(0, chars.length - length)).join("");
}

function changeCase(text: string, operator: string): string {
  const change = (part: string) => (operator.startsWith("^") ? part.toUpperCase() : part.toLowerCase());
  if (operator.length === 2) return change(text);
  const first = Array.from(text)[0] ?? "";
  return change(first) + text.slice(first.length);
}

/** As in bash, the longest match counts, and an anchored pattern matches at its end of the text only. */
function replace(text: string, mode: string, pattern: string, replacement: string): string {
  const chars = Array.from(text);
  const parsed = parsePattern(pattern);
  if (mode === "#") {
    const found = matchingPrefix(parsed, chars);
    return found ? replacement + chars.slice(found.longest).join("") : text;
  }
  if (mode === "%") {
    const found = matchingSuffix(parsed, chars);
    return found ? chars.slice(0, chars.length - found.longest).join("") + replacement : text;
  }
  const parts: string[] = [];
  let end = 0;
  for (let match = findMatch(parsed, chars, 0); match; match = findMatch(parsed, chars, end)) {
    parts.push(...chars.slice(end, match.start), replacement);
    end = match.end;
    if (mode === "") break;
  }
  return [...parts, ...chars.slice(end)].join("");
}

function unescapeSlashes(text: string): string {
  return text.replaceAll(String.raw`\/`, "/");
}
