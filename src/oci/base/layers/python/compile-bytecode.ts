import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** How the compiler is run. */
export interface BytecodeCompiler {
  /** The words that start the interpreter. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A folder for lists of files. */
  readonly scratch: string;
}

/** Where files are, and where they will be: tracebacks name the latter. */
export interface BytecodePlace {
  readonly from: string;
  readonly to: string;
}

/** Processes that compile. Their number is fixed: what one process has compiled before shows in the next file's bytes. */
const PROCESSES = 2;

/**
 * Compiles source files to bytecode that is never compared with its source again (PEP 552, unchecked), and so is the
 * same whenever it is made. Files that are not of this version's grammar are passed over. Resolves with the bytecode's
 * paths, sorted.
 */
export async function compileBytecode(
  compiler: BytecodeCompiler,
  files: readonly string[],
  place: BytecodePlace,
): Promise<string[]> {
  const parts = await Promise.all(shares(files).map((share, index) => compileShare(compiler, share, index, place)));
  return parts.flat().sort();
}

/** Splits the files into parts of about the same size, always in the same way. */
function shares(files: readonly string[]): string[][] {
  const parts = Array.from({ length: PROCESSES }, () => ({ files: [] as string[], bytes: 0 }));
  for (const file of [...files].sort()) {
    const smallest = parts.reduce((least, part) => (part.bytes < least.bytes ? part : least));
    smallest.files.push(file);
    smallest.bytes += statSync(file).size;
  }
  return parts.map((part) => part.files);
}

async function compileShare(
  { command, env, scratch }: BytecodeCompiler,
  files: readonly string[],
  index: number,
  { from, to }: BytecodePlace,
): Promise<string[]> {
  const list = join(scratch, `bytecode-${index}`);
  await writeFile(list, files.join("\n"));
  const [program = "", ...args] = command;
  const options = [
    "-m",
    "compileall",
    "-qq",
    "--invalidation-mode",
    "unchecked-hash",
    "-s",
    from,
    "-p",
    to,
    "-i",
    list,
  ];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Exit status 1 stands for files that do not compile.
  execFile(program, [...args, ...options], { env, cwd: scratch }, (error, _, stderr) =>
    error && error.code !== 1 ? reject(new Error(`compiling bytecode: ${stderr}`)) : resolve(),
  );
  await promise;
  return files.flatMap((file) => bytecodeOf(file, command) ?? []);
}

function bytecodeOf(file: string, command: readonly string[]): string | undefined {
  const tag = /python(\d)\.(\d+)$/.exec(command.at(-1) ?? "");
  const name = basename(file).replace(/\.py$/, `.cpython-${tag?.[1]}${tag?.[2]}.pyc`);
  const path = join(dirname(file), "__pycache__", name);
  return existsSync(path) ? path : undefined;
}
