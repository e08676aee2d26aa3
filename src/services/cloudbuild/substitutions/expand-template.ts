import { applyOperation } from "./apply-operation.ts";

/** What templates are expanded with. */
export interface Substitutes {
  /** The value of a key; undefined when there is none. Is told of every key that a template uses. */
  readonly valueOf: (key: string) => string | undefined;
  /** What stands in place of a key without a value; may throw. */
  readonly missing: (key: string) => string;
  /** Whether `${KEY...}` with an operation of bash is expanded, too, for the keys that `isKey` tells. */
  readonly dynamic: boolean;
  readonly isKey: (key: string) => boolean;
  /** Is told the length of every text put in; may throw when it is too much. */
  readonly spend: (length: number) => void;
}

const PLAIN = /^\$([A-Z_][A-Z0-9_]*)/;
const BRACED = /^\$\{([A-Z_][A-Z0-9_]*)\}/;
const LENGTH = /^\$\{#([A-Z_][A-Z0-9_]*)\}/;
const OPERATION = /^\$\{([A-Z_][A-Z0-9_]*)/;

/**
 * The text with `$KEY` and `${KEY}` replaced, and `$$` by `$`; all else stays as it is. With `dynamic`, `${#KEY}` and
 * bash's operations on strings are replaced, too, but only for keys of Cloud Build: others are the shell's own.
 * Google: cloud.google.com/build/docs/configuring-builds/substitute-variable-values.
 */
export function expandTemplate(text: string, substitutes: Substitutes): string {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const dollar = rest.indexOf("$");
    if (dollar === -1) return parts.join("") + rest;
    parts.push(rest.slice(0, dollar));
    const { replacement, length } = expandFirst(rest.slice(dollar), substitutes);
    substitutes.spend(replacement.length);
    parts.push(replacement);
    rest = rest.slice(dollar + length);
  }
}

/** What stands for the reference that the text begins with, and how much of the text that is. */
function expandFirst(text: string, substitutes: Substitutes): { replacement: string; length: number } {
  if (text.startsWith("$$")) return { replacement: "$", length: 2 };
  const simple = PLAIN.exec(text) ?? BRACED.exec(text);
  const { valueOf, missing } = substitutes;
  if (simple) return { replacement: valueOf(simple[1]!) ?? missing(simple[1]!), length: simple[0].length };
  return (substitutes.dynamic ? expandOperation(text, substitutes) : undefined) ?? { replacement: "$", length: 1 };
}

function expandOperation(text: string, substitutes: Substitutes) {
  const { valueOf, missing, isKey } = substitutes;
  const counted = LENGTH.exec(text);
  if (counted && isKey(counted[1]!)) {
    const value = valueOf(counted[1]!) ?? missing(counted[1]!);
    return { replacement: String(Array.from(value).length), length: counted[0].length };
  }
  const [start, key] = OPERATION.exec(text) ?? [];
  const end = start === undefined ? -1 : closingBrace(text, start.length);
  if (start === undefined || key === undefined || end === -1 || !isKey(key)) return undefined;
  const operation = text.slice(start.length, end);
  const isFallback = /^:?[-=+]/.test(operation);
  const value = valueOf(key) ?? (isFallback ? undefined : missing(key));
  const replacement = applyOperation(value, operation, (inner) => expandTemplate(inner, substitutes));
  return replacement === undefined ? undefined : { replacement, length: end + 1 };
}

/** Index of the brace that closes the one before `from`; -1 when there is none. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith("${", at)) depth++;
    else if (text[at] === "}") depth--;
    if (depth === 0) return at;
  }
  return -1;
}
