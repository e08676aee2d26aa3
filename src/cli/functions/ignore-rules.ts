/** Rules of a .gcloudignore or .gitignore file, in order. */
export type IgnoreRules = readonly IgnoreRule[];

interface IgnoreRule {
  readonly pattern: RegExp;
  readonly isNegated: boolean;
  readonly foldersOnly: boolean;
}

/** Parses lines in the syntax of .gitignore; comments and blank lines are dropped. */
export function parseIgnoreRules(lines: readonly string[]): IgnoreRules {
  return lines
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseRule);
}

/** Whether a path (relative, with "/") is left out; the last rule that matches decides. */
export function isIgnored(rules: IgnoreRules, path: string, isFolder: boolean): boolean {
  const last = rules.findLast((rule) => rule.pattern.test(path) && (isFolder || !rule.foldersOnly));
  return last !== undefined && !last.isNegated;
}

function parseRule(line: string): IgnoreRule {
  const isNegated = line.startsWith("!");
  const text = (isNegated ? line.slice(1) : line).replace(/^\\/, "");
  const foldersOnly = text.endsWith("/");
  const body = text.replace(/\/$/, "");
  // A slash at the start or inside ties the rule to the root; without one it matches at any depth.
  const isAnchored = body.includes("/");
  const source = body.replace(/^\//, "").replaceAll(/\*\*\/|\/\*\*|\*|\?|[^*?/]+|\//g, translate);
  return { pattern: new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${source}$`), isNegated, foldersOnly };
}

function translate(part: string): string {
  if (part === "**/") return "(?:.*/)?";
  if (part === "/**") return "/.*";
  if (part === "*") return "[^/]*";
  if (part === "?") return "[^/]";
  return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
}
