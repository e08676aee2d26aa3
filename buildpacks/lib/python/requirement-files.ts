import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** A file with its content. */
export interface FileContent {
  /** Relative to the application when it lies there. */
  readonly path: string;
  readonly content: Buffer;
}

/**
 * The files named, all files of folders among them, and whatever requirements files (.txt, .in) among them refer to:
 * other requirements and constraints, local packages, folders of wheels. Missing ones are empty.
 */
export function filesOf(appDir: string, paths: readonly string[]): FileContent[] {
  const found = new Map<string, Buffer>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    const isFile = existsSync(path) && statSync(path).isFile();
    const content = isFile ? readFileSync(path) : Buffer.alloc(0);
    found.set(path, content);
    if (existsSync(path) && !isFile) for (const file of filesBelow(path)) add(file);
    if (isFile && /\.(txt|in)$/.test(path))
      for (const next of references(content.toString())) add(resolve(dirname(path), next));
  };
  for (const path of paths) add(resolve(appDir, path));
  return [...found]
    .map(([path, content]) => ({ path: relative(appDir, path), content }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Bytecode and version control are no part of what is installed. */
function filesBelow(folder: string): string[] {
  const names = globSync("**", { cwd: folder, exclude: (name) => name === "__pycache__" || name === ".git" });
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}

/** Local paths in a requirements file. pip: "Requirements File Format". */
function references(text: string): string[] {
  const lines = text.replaceAll(/\\\r?\n/g, " ").split("\n");
  return lines.flatMap((line) => {
    const bare = line.replace(/(^|\s)#.*$/, "").trim();
    const [, option, value] =
      /^(-r|--requirement|-c|--constraint|-e|--editable|-f|--find-links)(?:\s*=\s*|\s+|(?<=-[rcef]))(\S+)/.exec(bare) ??
      [];
    const path =
      option === undefined ? /^(?:[^@\s]+\s*@\s*)?(file:\S+|\.{0,2}\/\S*|\.)(?:\s|$)/.exec(bare)?.[1] : value;
    return path === undefined || /^(?!file:)[a-z+]+:/.test(path) ? [] : [localPath(path)];
  });
}

function localPath(path: string): string {
  return path
    .replace(/^file:(\/\/)?/, "")
    .replace(/\[[^\]]*\]$/, "")
    .replace(/#.*$/, "");
}
