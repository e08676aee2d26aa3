import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "../context.ts";
import { BuildpackError } from "../error.ts";
import { determineBuildCommands } from "./build-commands.ts";
import { addModulesEnv, canLayerModules, installIntoLayer } from "./modules.ts";
import { hasDevDependencies, nodeEnv, type PackageJson } from "./package-json.ts";

/** How a package manager installs, for `installAndBuild`. */
export interface PackageManager {
  readonly name: "bun" | "pnpm";
  /** Name of the layer that takes node_modules. */
  readonly layer: string;
  /** Files of the application that decide what is installed. */
  readonly files: readonly string[];
  /** Whether the packages of the project are one of several that lie in it. */
  readonly isWorkspace: boolean;
  /** Installs into node_modules of the application for a value of NODE_ENV. */
  readonly install: (env: string) => Promise<unknown>;
  /** Removes devDependencies from node_modules. */
  readonly prune: () => Promise<unknown>;
  /** Removes what differs between two installations of the same packages. */
  readonly tidy?: () => void;
}

/**
 * Installs an application's dependencies, in a layer of their own where nothing of the build changes them, and runs its
 * build scripts. Google: buildpacks, cmd/nodejs/pnpm and cmd/nodejs/bun.
 */
export async function installAndBuild(
  context: BuildContext,
  packageJson: PackageJson | undefined,
  manager: PackageManager,
): Promise<void> {
  rmSync(join(context.appDir, "node_modules"), { recursive: true, force: true });
  const { commands } = determineBuildCommands(packageJson, context.env, manager.name);
  if (commands.length > 0 || manager.isWorkspace || !canLayerModules(context, packageJson, undefined)) {
    return inPlace(context, packageJson, manager, commands);
  }
  const { layer, files } = manager;
  await installIntoLayer(context, { layer, files, strings: [], install: () => install(context, manager) });
}

async function install(
  context: BuildContext,
  manager: PackageManager,
  env: string = nodeEnv(context.env),
): Promise<void> {
  await attributed(`installing ${manager.name} dependencies`, manager.install(env));
  manager.tidy?.();
}

async function inPlace(
  context: BuildContext,
  packageJson: PackageJson | undefined,
  manager: PackageManager,
  commands: readonly (readonly string[])[],
): Promise<void> {
  const wanted = context.env["NODE_ENV"];
  const env = wanted ?? (commands.length > 0 ? "development" : "production");
  await install(context, manager, env);
  for (const command of commands) await context.exec(command, { user: true });
  if (hasDevDependencies(packageJson) && wanted === undefined && env === "development") {
    await attributed("pruning devDependencies", manager.prune());
  } else if (hasDevDependencies(packageJson) && env !== "production") {
    context.log(`Retaining devDependencies because NODE_ENV="${env}".`);
  }
  manager.tidy?.();
  context.addSlice(["node_modules"]);
  addModulesEnv(context);
}

async function attributed(what: string, running: Promise<unknown>): Promise<void> {
  try {
    await running;
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    throw new BuildpackError(`${what}: ${error.message}`, "UNKNOWN");
  }
}
