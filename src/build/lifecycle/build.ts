import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { elementKey, type PlanEntry, type Require } from "./build-plan.ts";
import { escapeId } from "./buildpack.ts";
import type { Detection, SelectedBuildpack } from "./detect.ts";
import {
  applyChanges,
  type Environment,
  type EnvChange,
  layerPathChanges,
  parseEnvFiles,
  readEnvFolder,
} from "./environment.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import { readLaunchMetadata, type LaunchMetadata, readUnmet } from "./launch-metadata.ts";
import { hasContent, type LayerMetadata, readLayerMetadata } from "./layer-metadata.ts";
import { layerNames } from "./restore.ts";
import { buildpackEnv, runBuildpack } from "./run-buildpack.ts";
import type { Settings } from "./settings.ts";

/** A layer that a buildpack left behind and that is for launch, for later buildpacks, or for the next build. */
export interface BuiltLayer {
  readonly name: string;
  readonly folder: string;
  /** False when only the metadata is there: the previous build's layer is to be used. */
  readonly hasContent: boolean;
  readonly metadata: LayerMetadata;
}

/** What one buildpack made. */
export interface BuiltBuildpack {
  readonly element: SelectedBuildpack;
  readonly folder: string;
  readonly layers: readonly BuiltLayer[];
  readonly launch: LaunchMetadata;
}

/** Runs bin/build of each buildpack in order (buildpack.md, "Build"); throws a LifecycleError when one fails. */
export async function build(
  settings: Settings,
  detection: Detection,
  baseEnv: Environment,
  write: (output: string | Uint8Array) => void,
): Promise<BuiltBuildpack[]> {
  const built: BuiltBuildpack[] = [];
  let env = baseEnv;
  let entries = detection.entries;
  for (const element of detection.group) {
    const folder = join(settings.layersDir, escapeId(element.id));
    mkdirSync(folder, { recursive: true });
    const status = await runBuild({ settings, element, env, write, folder, requires: requiresFor(element, entries) });
    if (status !== 0) throw new LifecycleError(`failed to build: exit status ${status}`, exitCodes.buildFailed);
    entries = withoutMet(entries, element, readUnmet(folder, requiresFor(element, entries)));
    const layers = collectLayers(folder);
    const launch = readLaunchMetadata(folder, element.id, element.buildpack.api);
    built.push({ element, folder, layers, launch });
    env = applyChanges(env, buildChanges(layers));
  }
  return built;
}

interface BuildRun {
  readonly settings: Settings;
  readonly element: SelectedBuildpack;
  readonly env: Environment;
  readonly folder: string;
  readonly requires: readonly Require[];
  readonly write: (output: string | Uint8Array) => void;
}

async function runBuild({ settings, element, env, folder, requires, write }: BuildRun): Promise<number> {
  const planPath = join(settings.outputDir, "plans", `${escapeId(element.id)}@${element.version}.plan.toml`);
  mkdirSync(join(settings.outputDir, "plans"), { recursive: true });
  writeFileSync(planPath, requires.length > 0 ? stringify({ entries: requires }) : "");
  const fullEnv = {
    ...buildpackEnv(settings, element.buildpack, env),
    CNB_LAYERS_DIR: folder,
    CNB_BP_PLAN_PATH: planPath,
    BUILDER_OUTPUT: join(settings.outputDir, "builder-output"),
  };
  const args = [folder, settings.platformDir, planPath];
  return runBuildpack(element.buildpack, "build", { args, env: fullEnv, cwd: settings.appDir, write });
}

function requiresFor(element: SelectedBuildpack, entries: readonly PlanEntry[]): Require[] {
  const key = elementKey(element);
  return entries.filter(({ providers }) => providers.includes(key)).flatMap(({ requires }) => requires);
}

function withoutMet(entries: readonly PlanEntry[], element: SelectedBuildpack, unmet: readonly string[]): PlanEntry[] {
  const key = elementKey(element);
  return entries.filter(({ name, providers }) => !providers.includes(key) || unmet.includes(name));
}

/** Lists the layers a buildpack left; those that are for nothing are put out of the way of later buildpacks. */
function collectLayers(folder: string): BuiltLayer[] {
  return layerNames(folder).flatMap((name) => {
    const metadata = readLayerMetadata(folder, name);
    const path = join(folder, name);
    const isThere = hasContent(folder, name);
    if (metadata && (metadata.build || metadata.launch || metadata.cache)) {
      return [{ name, folder: path, hasContent: isThere, metadata }];
    }
    if (isThere) setAside(path);
    return [];
  });
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.ignore`);
  } catch (error) {
    // Overlayfs cannot rename a folder that came from a lower layer.
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    rmSync(path, { recursive: true, force: true });
  }
}

/** Layer by layer: its folders become part of the search paths, then its variables are set. */
function buildChanges(layers: readonly BuiltLayer[]): EnvChange[] {
  const forBuild = layers.filter(({ metadata, hasContent: isThere }) => metadata.build && isThere);
  return forBuild.flatMap(({ folder }) => [
    ...layerPathChanges(folder, "build", (name) => existsSync(join(folder, name))),
    ...parseEnvFiles(readEnvFolder(join(folder, "env"))),
    ...parseEnvFiles(readEnvFolder(join(folder, "env.build"))),
  ]);
}
