import { invalidValue } from "../errors.ts";

/**
 * The regular expression of a glob pattern: `*` within a path segment, `**` across segments, `?`, `[...]`, `{a,b}`.
 * Google: cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
 */
export function globToRegExp(glob: string): RegExp {
  const tokens = glob.match(/\\.|\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|[{},]|[^\\*?[{},]|./gsu) ?? [];
  let depth = 0;
  const parts = tokens.map((token) => {
    if (token === "{") depth++;
    if (token === "}") depth--;
    return translate(token, depth > 0 || token === "}");
  });
  try {
    return new RegExp(`^${parts.join("")}$`, "su");
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
  return RegExp.escape(token.startsWith("\\") && token.length > 1 ? token.slice(1) : token);
}
