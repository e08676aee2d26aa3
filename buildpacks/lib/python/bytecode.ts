import { globSync, lstatSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildContext } from "../context.ts";
import { BuildpackError } from "../error.ts";

/** Processes that compile. Their number is fixed: what one process has compiled before shows in the next file's bytes. */
const PROCESSES = 2;

/**
 * Compiles everything below a folder to bytecode that is never compared with its source again (PEP 552, unchecked), so
 * that it is the same whenever it is made and quickest to load. Files that do not compile are passed over, as pip does.
 */
export async function compileBytecode(context: BuildContext, folder: string): Promise<void> {
  using scratch = mkdtempDisposableSync(join(tmpdir(), "bytecode-"));
  const found = globSync("**/*.py", { cwd: folder }).map((path) => join(folder, path));
  const files = found.map((path) => ({ path, size: lstatSync(path).size }));
  const compiling = shares(files).map((share, index) => {
    const list = join(scratch.path, String(index));
    writeFileSync(list, share.join("\n"));
    return compileList(context, list);
  });
  await Promise.all(compiling);
}

/** Splits the files into parts of about the same size, always in the same way. */
function shares(files: readonly { readonly path: string; readonly size: number }[]): string[][] {
  const parts = Array.from({ length: PROCESSES }, () => ({ paths: [] as string[], bytes: 0 }));
  for (const { path, size } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const smallest = parts.reduce((least, part) => (part.bytes < least.bytes ? part : least));
    smallest.paths.push(path);
    smallest.bytes += size;
  }
  return parts.map(({ paths }) => paths).filter(({ length }) => length > 0);
}

async function compileList(context: BuildContext, list: string): Promise<void> {
  const command = ["python3", "-m", "compileall", "--invalidation-mode", "unchecked-hash", "-f", "-qq", "-i", list];
  try {
    await context.exec(command, { env: { PYTHONHASHSEED: "0" }, cwd: "/" });
  } catch (error) {
    // That is how it says that some files do not compile.
    if (!(error instanceof BuildpackError)) throw error;
  }
}
