import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { BuildContext } from "../context.ts";
import { BuildpackError, userError } from "../error.ts";
import type { Layer } from "../layer.ts";
import { compileBytecode } from "./bytecode.ts";
import { pythonVersion } from "./version.ts";

/** Makes a virtual environment of the Python on the PATH in a folder. Google: ensureUVVenv. */
export async function createVenv(context: BuildContext, folder: string, python: string): Promise<void> {
  context.log(`Creating isolated layer environment at ${folder}`);
  context.log(`Using python ${python} to create virtual environment.`);
  await context.exec(["uv", "venv", folder, "--clear", "--python", python], { user: true });
}

/** Fails with the packages of a virtual environment that do not go together. */
export async function checkVenv(context: BuildContext, venv: string): Promise<void> {
  context.log("Checking for incompatible dependencies.");
  try {
    await context.exec(["uv", "pip", "check"], { env: { VIRTUAL_ENV: venv }, user: true });
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    throw userError(`found incompatible dependencies: ${JSON.stringify(error.message)}`);
  }
}

/** Compiles what is in a virtual environment, and puts it onto the PATH of the running process. */
export async function finishVenv(context: BuildContext, layer: Layer, venv: string): Promise<void> {
  forgetBuildTimes(venv);
  await Promise.all([compileBytecode(context, venv), checkVenv(context, venv)]);
  layer.setEnv("launch", "PATH", join(venv, "bin"), { action: "prepend", delimiter: ":" });
}

/** uv writes down when it built local packages; the same project must give the same layer. */
function forgetBuildTimes(venv: string): void {
  for (const path of globSync("lib/python*/site-packages/*.dist-info/uv_cache.json", { cwd: venv })) {
    const file = join(venv, path);
    const record = join(dirname(file), "RECORD");
    const line = `${basename(dirname(file))}/${basename(file)},`;
    const lines = readFileSync(record, "utf8").split("\n");
    writeFileSync(record, lines.filter((text) => !text.startsWith(line)).join("\n"));
    rmSync(file);
  }
}

/** A tool of the build, as a package of the index. */
export interface PythonTool {
  readonly name: "poetry" | "pipenv" | "uv";
  /** Version specifiers in pip's notation; "" for the newest. */
  readonly constraint: string;
  /** Whether the running application needs it. */
  readonly launch: boolean;
  /** Packages that extend it. */
  readonly plugins?: readonly string[];
}

/** Installs a tool with uv into a layer of its own, unless the previous build left it there. Google: installTool. */
export async function installTool(
  context: BuildContext,
  { name, constraint, launch, plugins = [] }: PythonTool,
): Promise<void> {
  const layer = context.layer(name);
  const python = await pythonVersion(context);
  const metadata = { python_version: python, constraint, launch: String(launch) };
  const isCached = Object.entries(metadata).every(([key, value]) => layer.previous[key] === value);
  if (isCached && existsSync(join(layer.path, "pyvenv.cfg"))) {
    context.log(`***** CACHE HIT: "${name}"`);
  } else {
    context.log(`***** CACHE MISS: "${name}"`);
    context.log(
      constraint
        ? `Using ${name} version constraint: ${constraint}`
        : `No ${name} version constraint found, installing latest`,
    );
    layer.clear();
    await createVenv(context, layer.path, python);
    // Not in the application's folder, whose settings for uv are about the application.
    const install = ["uv", "pip", "install", "--python", layer.path, "-q", `${name}${constraint}`, ...plugins];
    await context.exec(install, { cwd: layer.path, user: true });
    await compileBytecode(context, layer.path);
    context.log(`${name} installed successfully.`);
  }
  layer.save(launch ? ["build", "cache", "launch"] : ["build", "cache"], metadata);
  context.env["PATH"] = `${join(layer.path, "bin")}:${context.env["PATH"] ?? ""}`;
}

/**
 * Has a tool write the lockfile where the project has none. Google: ensureLockfile. Resolves with what removes it
 * again, so that images are the same whether or not dependencies had to be installed.
 */
export async function ensureLockfile(
  context: BuildContext,
  file: string,
  command: readonly string[],
): Promise<Disposable> {
  if (context.fileExists(file)) {
    context.log(`Using existing ${file}.`);
    return { [Symbol.dispose]() {} };
  }
  context.log(`${file} not found, generating it using \`${command.join(" ")}\`...`);
  await context.exec(command, { user: true });
  context.log(`${file} generated successfully.`);
  return { [Symbol.dispose]: () => rmSync(join(context.appDir, file), { force: true }) };
}

/** Whether a lockfile of uv or Poetry has packages that lie in the project's own tree, whose files count then, too. */
export function locksLocalPackages(context: BuildContext, file: string): boolean {
  const text = context.readFile(file) ?? "";
  const uvSource = /^source = \{ (?:editable|directory|path|virtual) = "(?!\.")/m;
  return uvSource.test(text) || /^type = "(?:directory|file)"$/m.test(text);
}
