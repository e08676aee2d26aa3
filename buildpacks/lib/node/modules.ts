import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "../context.ts";
import type { Layer } from "../layer.ts";
import { frameworkEnv, readFramework } from "./framework.ts";
import { nodeVersion } from "./node-version.ts";
import { hasInstallScripts, nodeEnv, type PackageJson } from "./package-json.ts";

const HASH = "dependency_hash";

export interface LayeredInstall {
  /** Name of the layer that takes node_modules. */
  readonly layer: string;
  /** Files of the application that decide what is installed; those that are missing count as missing. */
  readonly files: readonly string[];
  /** Anything else that decides what is installed. */
  readonly strings: readonly string[];
  /** Installs into node_modules of the application. */
  readonly install: () => Promise<void>;
}

/**
 * Whether node_modules can live in a layer of its own, away from the application: nothing in it may depend on files of
 * the application (workspaces, file: dependencies) nor be changed by the build (install scripts of the application).
 */
export function canLayerModules(
  context: BuildContext,
  packageJson: PackageJson | undefined,
  lockfile: string | undefined,
): boolean {
  const specs = Object.values({ ...packageJson?.dependencies, ...packageJson?.optionalDependencies });
  const hasLocal = specs.some((spec) => /^(?:file:|link:|portal:|workspace:|\.|\/|~\/)/.test(spec));
  const links = lockfile !== undefined && (context.readFile(lockfile) ?? "").includes('"link": true');
  return (
    !hasLocal &&
    !hasInstallScripts(packageJson) &&
    !links &&
    packageJson?.workspaces === undefined &&
    !context.fileExists("binding.gyp")
  );
}

/**
 * Puts node_modules into a launch layer and a link to it into the application. When nothing that decides its content
 * has changed since the previous build, the layer of the previous image is used again and nothing is installed.
 */
export async function installIntoLayer(context: BuildContext, options: LayeredInstall): Promise<void> {
  context.isRepeatable();
  const layer = context.layer(options.layer);
  const hash = await dependencyHash(context, options);
  const modules = join(context.appDir, "node_modules");
  let framework = layer.previous as Readonly<Record<string, string>>;
  if (layer.previous[HASH] === hash) {
    context.log(`***** CACHE HIT: "${options.layer}"`);
    rmSync(modules, { recursive: true, force: true });
  } else {
    context.log(`***** CACHE MISS: "${options.layer}"`);
    const missing = options.files.filter((file) => !context.fileExists(file));
    await options.install();
    // A lockfile that installing made: a build that installs nothing does not make it either.
    for (const file of missing) rmSync(join(context.appDir, file), { force: true });
    mkdirSync(modules, { recursive: true });
    layer.clear();
    await moveFolder(context, modules, join(layer.path, "node_modules"));
    setModulesEnv(context, layer, "launch");
    framework = frameworkMetadata(join(layer.path, "node_modules"));
  }
  symlinkSync(join(layer.path, "node_modules"), modules);
  const forBuild = context.layer("env");
  setModulesEnv(context, forBuild, "build");
  // Later buildpacks cannot look into a layer that is not there.
  const known = Object.values(frameworkEnv).flatMap((name) =>
    framework[name] ? [[name, framework[name]] as const] : [],
  );
  for (const [name, value] of known) forBuild.setEnv("build", name, value);
  forBuild.save(["build"]);
  layer.save(["launch"], { [HASH]: hash, ...Object.fromEntries(known) });
}

/** Puts what modules need into the environment of later buildpacks and of the running process. */
export function addModulesEnv(context: BuildContext): void {
  const layer = context.layer("env");
  setModulesEnv(context, layer, "both");
  layer.save(["build", "launch"]);
}

/** Whether a cached layer was made from the same inputs; empties it when not. Google: buildpacks, CheckOrClearCache. */
export async function checkOrClearCache(
  context: BuildContext,
  layer: Layer,
  inputs: Pick<LayeredInstall, "files" | "strings">,
): Promise<{ readonly isCached: boolean; readonly metadata: Readonly<Record<string, string>> }> {
  const hash = await dependencyHash(context, inputs);
  const isCached = layer.previous[HASH] === hash;
  const name = layer.path.slice(layer.path.lastIndexOf("/") + 1);
  context.log(`***** CACHE ${isCached ? "HIT" : "MISS"}: "${name}"`);
  if (!isCached) layer.clear();
  return { isCached, metadata: { [HASH]: hash } };
}

async function dependencyHash(
  context: BuildContext,
  inputs: Pick<LayeredInstall, "files" | "strings">,
): Promise<string> {
  const hash = createHash("sha256");
  const add = (text: string): void => void hash.update(`${text.length}:${text}`);
  for (const text of [context.buildpackId, context.buildpackVersion, await nodeVersion(context), nodeEnv(context.env)])
    add(text);
  for (const text of inputs.strings) add(text);
  for (const file of inputs.files) add(`${file}:${context.readFile(file) ?? "-"}`);
  return hash.digest("hex");
}

function setModulesEnv(context: BuildContext, layer: Layer, phase: "both" | "build" | "launch"): void {
  const bin = join(context.appDir, "node_modules", ".bin");
  layer.setEnv(phase, "PATH", bin, { action: "prepend", delimiter: ":" });
  layer.setEnv(phase, "NODE_ENV", nodeEnv(context.env), { action: "default" });
}

function frameworkMetadata(modules: string): Readonly<Record<string, string>> {
  const framework = readFramework(modules);
  return framework ? { [frameworkEnv.version]: framework.version, [frameworkEnv.main]: framework.main } : {};
}

async function moveFolder(context: BuildContext, from: string, to: string): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await context.exec(["cp", "--archive", from, to]);
    rmSync(from, { recursive: true });
  }
  if (!existsSync(to)) throw new Error(`${to} is missing after it was moved`);
}
