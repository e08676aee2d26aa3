/** Whether a path (relative, without leading slash) is matched; of a folder, whether the folder itself is. */
export type PathMatcher = (path: string, isFolder: boolean) => boolean;

/**
 * A matcher of .gitignore patterns (gitignore(5)): the last pattern that fits decides, `!` takes back, `/` at the end
 * means folders only, a slash elsewhere ties a pattern to the root, and `**` stands for any number of folders.
 */
export function ignorePatterns(patterns: readonly string[]): PathMatcher {
  const rules = patterns.flatMap((pattern) => parseRule(pattern) ?? []);
  return (path, isFolder) => {
    const rule = rules.findLast(({ expression, foldersOnly }) => (isFolder || !foldersOnly) && expression.test(path));
    return rule !== undefined && !rule.negated;
  };
}

interface Rule {
  readonly expression: RegExp;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

function parseRule(line: string): Rule | undefined {
  const trimmed = line.replace(/(?<!\\)\s+$/, "");
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  const negated = trimmed.startsWith("!");
  const pattern = negated ? trimmed.slice(1) : trimmed;
  const foldersOnly = pattern.endsWith("/");
  const body = foldersOnly ? pattern.slice(0, -1) : pattern;
  const isAnchored = body.includes("/");
  const source = translate(body.replace(/^\//, ""));
  return { expression: new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${source}$`, "su"), negated, foldersOnly };
}

function translate(body: string): string {
  const tokens = body.match(/\\.|^\*\*\/|\/\*\*\/|\/\*\*$|\[!?(?:\\.|[^\]])+\]|\*+|[^]/gu) ?? [];
  return tokens.map(translateToken).join("");
}

function translateToken(token: string): string {
  if (token === "**/") return "(?:.*/)?";
  if (token === "/**/") return "/(?:.*/)?";
  if (token === "/**") return "/.*";
  if (token.startsWith("*")) return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 1 && token.startsWith("[")) return token.replace(/^\[!/, "[^");
  const character = token.length > 1 ? token.slice(1) : token;
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
