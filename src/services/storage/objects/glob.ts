import { type Pattern, quoted, regularExpression } from "../../../wire/patterns.ts";
import { invalidValue } from "../errors.ts";

/** As long as the longest name of an object. */
const MAX_GLOB_BYTES = 1024;

/**
 * A glob pattern: `*` within a path segment, `**` across segments, `?`, `[...]`, `{a,b}`.
 * Google: cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
 */
export function compileGlob(glob: string): Pattern {
  if (Buffer.byteLength(glob) > MAX_GLOB_BYTES) throw invalidValue("The glob is too long.", "matchGlob");
  const tokens = glob.match(/\\.|\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|[{},]|[^\\*?[{},]|./gsu) ?? [];
  let depth = 0;
  const parts = tokens.map((token) => {
    if (token === "{") depth++;
    if (token === "}") depth--;
    return translate(token, depth > 0 || token === "}");
  });
  try {
    return regularExpression(`(?s)${parts.join("")}`);
  } catch {
    throw invalidValue(`Invalid glob: ${glob}`, "matchGlob");
  }
}

function translate(token: string, inBraces: boolean): string {
  if (token === "**/") return "(?:.*/)?";
  if (token === "**") return ".*";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token === "{") return "(?:";
  if (token === "}") return ")";
  if (token === "," && inBraces) return "|";
  if (token.startsWith("[") && token.length > 1) {
    return `[${token.startsWith("[!") ? "^" : ""}${token.slice(token.startsWith("[!") ? 2 : 1, -1).replaceAll(/[\\[\]^]/g, String.raw`\$&`)}]`;
  }
  return quoted(token.startsWith("\\") && token.length > 1 ? token.slice(1) : token);
}
