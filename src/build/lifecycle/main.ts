import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.ts";
import { createBuildpackIndex } from "./buildpack.ts";
import { copyTree, type SourceFilter } from "./copy-tree.ts";
import { detect, type SelectedBuildpack } from "./detect.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import type { LifecycleResult, PhaseTime, Selection } from "./exchange.ts";
import { exportLayers } from "./export.ts";
import { ignorePatterns } from "./ignore-patterns.ts";
import { resolveOrder } from "./order.ts";
import { restore } from "./restore.ts";
import { selectOrder } from "./selection.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Variables of the build image and the platform that buildpacks see; everything else of the environment stays out. */
const INHERITED: readonly string[] = (
  "HOME HOSTNAME LANG LC_ALL PATH LD_LIBRARY_PATH LIBRARY_PATH CPATH PKG_CONFIG_PATH CNB_STACK_ID " +
  "CNB_TARGET_OS CNB_TARGET_ARCH CNB_TARGET_ARCH_VARIANT CNB_TARGET_DISTRO_NAME CNB_TARGET_DISTRO_VERSION " +
  "HTTP_PROXY http_proxy HTTPS_PROXY https_proxy NO_PROXY no_proxy"
).split(" ");

/** Runs all phases of a build (platform.md, "creator") and leaves the result in the output directory. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const baseEnv = inherited(process.env);
  const phases: PhaseTime[] = [];
  const phase = async <Result>(name: string, run: () => Result | Promise<Result>): Promise<Result> => {
    const startMs = performance.now();
    log(`===> ${name}`);
    const result = await run();
    phases.push({ name, startMs, endMs: performance.now() });
    return result;
  };
  const selection = readSelection(settings.selectionPath);
  prepare(settings, selection);
  const detection = await phase("DETECTING", async () => {
    const { order, surrounding, buildpacksDirs } = selectOrder(settings, selection);
    const find = createBuildpackIndex(buildpacksDirs, settings.modulesDir);
    const groups = resolveOrder(order, find, settings.execEnv, surrounding);
    const found = await detect(settings, groups, baseEnv, log);
    logGroup(found.group);
    return found;
  });
  const restored = await phase("RESTORING", () => restore(settings, detection.group, log));
  const write = (output: string | Uint8Array): void => void process.stdout.write(output);
  const built = await phase("BUILDING", () => build(settings, detection, baseEnv, write));
  const exported = await phase("EXPORTING", () => exportLayers(settings, built, restored, log));
  const group = detection.group.map(({ id, version, buildpack: { api, homepage } }) => ({
    id,
    version,
    api,
    ...(homepage ? { homepage } : {}),
  }));
  const result: LifecycleResult = { ...exported, phases, group };
  writeFileSync(join(settings.outputDir, "result.json"), JSON.stringify(result));
}

function readSelection(path: string | undefined): Selection {
  return path === undefined ? {} : (JSON.parse(readFileSync(path, "utf8")) as Selection);
}

function prepare(settings: Settings, { include, exclude }: Selection): void {
  const filter: SourceFilter = {
    ...(include ? { include: ignorePatterns(include) } : {}),
    ...(exclude ? { exclude: ignorePatterns(exclude) } : {}),
  };
  if (settings.sourceDir !== undefined) copyTree(settings.sourceDir, settings.appDir, filter);
  if (settings.homeFilesDir !== undefined) copyTree(settings.homeFilesDir, settings.home);
  mkdirSync(settings.layersDir, { recursive: true });
  mkdirSync(settings.outputDir, { recursive: true });
}

function inherited(env: NodeJS.ProcessEnv): Environment {
  const known = Object.fromEntries(INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return { ...distribution(), ...known };
}

/** buildpack.md, "Targets": what an image does not say of its distribution, /etc/os-release does. */
function distribution(): Environment {
  const text = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const value = (key: string): string | undefined => new RegExp(`^${key}=["']?([^"'\n]+)`, "m").exec(text)?.[1];
  const [name, version] = [value("ID"), value("VERSION_ID")];
  return {
    ...(name === undefined ? {} : { CNB_TARGET_DISTRO_NAME: name }),
    ...(version === undefined ? {} : { CNB_TARGET_DISTRO_VERSION: version }),
  };
}

function logGroup(group: readonly SelectedBuildpack[]): void {
  const width = Math.max(...group.map(({ id }) => id.length));
  for (const { id, version } of group) log(`${id.padEnd(width)} ${version}`);
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof LifecycleError;
  log(isExpected ? `ERROR: ${error.message}` : `ERROR: ${error instanceof Error ? error.stack : String(error)}`);
  process.exitCode = isExpected ? error.exitCode : exitCodes.generic;
}
