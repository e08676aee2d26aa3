import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Paths inside `folder` that a pattern of Go's filepath.Match names, in order, relative to the folder: `*` and `?` stop at
 * slashes and take a leading dot, `[a-z]` and `[^a-z]` are classes, `\` quotes. A pattern that leads out names nothing.
 */
export function matchPaths(folder: string, pattern: string): string[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return [];
  let paths = [""];
  for (const part of parts) {
    const matches = partMatcher(part);
    paths = paths.flatMap((path) =>
      namesIn(join(folder, path))
        .filter(matches)
        .map((name) => join(path, name)),
    );
  }
  return paths.filter((path) => path !== "");
}

function partMatcher(part: string): (name: string) => boolean {
  const tokens = part.match(/\\.|\[\^?(?:\\.|[^\]])*\]|[^]/gu) ?? [];
  const source = tokens.map((token) => {
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (/^\[.+\]$/.test(token)) return token;
    return literal(token.length > 1 ? token.slice(1) : token);
  });
  try {
    const expression = new RegExp(`^${source.join("")}$`, "u");
    return (name) => expression.test(name);
  } catch {
    // A class that is none.
    return () => false;
  }
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
