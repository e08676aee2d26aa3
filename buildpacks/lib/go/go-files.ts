import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders that hold nothing of the application's own Go code. */
const SKIPPED: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/** Whether there is a Go file anywhere in a folder, but for those in folders of Node.js packages. */
export function hasGoFiles(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some((entry) => !entry.isDirectory() && entry.name.endsWith(".go"))) return true;
  return entries.some(
    (entry) => entry.isDirectory() && !SKIPPED.has(entry.name) && hasGoFiles(join(folder, entry.name)),
  );
}
