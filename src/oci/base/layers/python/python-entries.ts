import { createReadStream, globSync, lstatSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { directoryEntry, fileEntry, type LayerEntry } from "../../../layers/layer-entry.ts";
import { parents } from "../../npm-packages.ts";
import { type InstalledPackages, type Interpreter, packagesFolder } from "./interpreter.ts";

/** The source files of an interpreter's standard library. */
export function standardLibrary({ root, version }: Interpreter): string[] {
  const files = globSync(join(root, "usr", "lib", `python${version}`, "**", "*.py"));
  // Links lead to configuration outside the library.
  return files.filter((file) => lstatSync(file).isFile());
}

/** Entries of bytecode files below `root`, each at the same place below the image's root. */
export function* bytecodeEntries(files: readonly string[], root: string): Iterable<LayerEntry> {
  const seen = new Set<string>();
  for (const file of files) {
    const path = relative(root, file);
    const folder = path.slice(0, -basename(path).length - 1);
    if (!seen.has(folder)) yield directoryEntry(folder);
    seen.add(folder);
    yield readEntry(path, file, 0o644);
  }
}

/** Entries that put installed packages below /usr/local, where Debian's Python looks for them. */
export async function* installedEntries(
  { folder, bytecode }: InstalledPackages,
  version: string,
): AsyncIterable<LayerEntry> {
  const seen = new Set(["usr"]);
  const compiled = new Set(bytecode);
  const paths = globSync("**", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  for (const path of paths.sort()) {
    const file = join(folder, path);
    if (path.includes("__pycache__") && !compiled.has(file)) continue;
    const isCommand = path.startsWith("bin/");
    const target = isCommand ? `usr/local/${path}` : `${packagesFolder(version)}/${path}`;
    yield* parents(target, seen);
    yield isCommand ? await commandEntry(target, file, version) : readEntry(target, file, 0o644);
  }
}

/** Scripts name the interpreter that wrote them in their first line; here they shall name the image's. */
async function commandEntry(target: string, file: string, version: string): Promise<LayerEntry> {
  const content = await readFile(file);
  if (!content.subarray(0, 2).equals(Buffer.from("#!"))) return fileEntry(target, content, 0o755);
  const text = content.toString("utf8");
  // A long path of the interpreter is written as a line that a shell reads.
  const body = text.replace(/^#!\/bin\/sh\n'''exec' .*\n' '''\n/, "#!\n").replace(/^#!.*\n/, "");
  return fileEntry(target, `#!/usr/bin/python${version}\n${body}`, 0o755);
}

function readEntry(path: string, file: string, mode: number): LayerEntry {
  const content = (): AsyncIterable<Uint8Array> => createReadStream(file) as AsyncIterable<Uint8Array>;
  return { type: "file", path, mode, uid: 0, gid: 0, size: statSync(file).size, content };
}
