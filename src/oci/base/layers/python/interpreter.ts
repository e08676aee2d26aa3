import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ONLY_FOR_INSTALLING } from "../../../debian/only-for-installing.ts";
import { openDebianSource } from "../debian-source.ts";
import type { LayerContext } from "../recipe.ts";
import { type BytecodePlace, compileBytecode } from "./compile-bytecode.ts";
import { unpackPackages } from "./unpack-packages.ts";

/** A Python of a Debian release, unpacked into a folder and run from there, whatever system this machine has. */
export interface Interpreter {
  /** Where the packages are unpacked: the root of a file system. */
  readonly root: string;
  readonly version: string;
  /** Installs packages and nothing they depend on from the index that the machine's pip configuration names. */
  install(packages: readonly string[]): Promise<InstalledPackages>;
  /** Compiles source files; resolves with those of the bytecode files that came of it. */
  compile(files: readonly string[], place: BytecodePlace): Promise<readonly string[]>;
}

/** What pip has installed into a folder: packages, and their commands below bin/. */
export interface InstalledPackages {
  readonly folder: string;
  /** Bytecode of the packages: paths of the files. */
  readonly bytecode: readonly string[];
  /** NAME VERSION of each. */
  readonly titles: readonly string[];
}

/** Where Debian's Python looks for packages that are not Debian's, from the image's root. */
export function packagesFolder(version: string): string {
  return `usr/local/lib/python${version}/dist-packages`;
}

/** pip lists what it does at length when it fails. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Unpacks a Python and Debian's pip into a folder of the context's. It runs by the release's own loader and libraries,
 * so that it need not fit the machine's; only wheels are installed, so that no package's code runs.
 */
export async function openInterpreter(version: string, context: LayerContext): Promise<Interpreter> {
  const source = await openDebianSource(context);
  const packages = source.resolve([`python${version}`, "python3-pip-whl"], ONLY_FOR_INSTALLING);
  const root = join(context.folder, "python");
  await unpackPackages(await source.fetch(packages), root);
  const command = interpreterCommand(root, version);
  const compiler = { command, env: cleanEnv(), scratch: context.folder };
  return {
    root,
    version,
    compile: (files, place) => compileBytecode(compiler, files, place),
    async install(wanted) {
      const folder = join(context.folder, "installed");
      context.onProgress(`Fetching ${wanted.join(", ")} with pip`);
      await pipInstall(command, root, folder, wanted);
      const sources = globSync("**/*.py", { cwd: folder }).map((path) => join(folder, path));
      const place = { from: folder, to: `/${packagesFolder(version)}` };
      return { folder, bytecode: await compileBytecode(compiler, sources, place), titles: await titlesIn(folder) };
    },
  };
}

/** The words that start the interpreter. */
function interpreterCommand(root: string, version: string): readonly string[] {
  const [loader] = globSync("usr/lib*/ld-linux-*.so.*", { cwd: root });
  const [libraries] = globSync("usr/lib/*-linux-gnu*", { cwd: root });
  if (loader === undefined || libraries === undefined) throw new Error(`no loader for Python ${version}`);
  const program = join(root, "usr", "bin", `python${version}`);
  return [join(root, loader), "--library-path", join(root, libraries), program];
}

async function pipInstall(
  [program = "", ...args]: readonly string[],
  root: string,
  target: string,
  packages: readonly string[],
): Promise<void> {
  await mkdir(target, { recursive: true });
  const [wheel = ""] = globSync(join(root, "usr/share/python-wheels/pip-*.whl"));
  const pip = ["install", "--target", target, "--no-deps", "--only-binary=:all:", "--no-compile", "--no-cache-dir"];
  const options = ["--quiet", "--disable-pip-version-check", "--no-input"];
  // Not in the machine's home or a project: only pip's own configuration applies.
  const settings = { cwd: target, env: cleanEnv(), maxBuffer: MAX_OUTPUT_BYTES };
  await promisify(execFile)(program, [...args, join(wheel, "pip"), ...pip, ...options, ...packages], settings);
}

async function titlesIn(folder: string): Promise<string[]> {
  const infos = (await readdir(folder)).filter((name) => name.endsWith(".dist-info"));
  return infos.map((name) => name.replace(/\.dist-info$/, "").replace("-", " ")).sort();
}

/** The machine's environment without what is about its own Python. */
function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PYTHON|VIRTUAL_ENV|LD_)/.test(name));
  return { ...Object.fromEntries(kept), PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0" };
}
