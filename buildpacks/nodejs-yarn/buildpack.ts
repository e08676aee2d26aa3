import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { addModulesEnv, canLayerModules, checkOrClearCache, installIntoLayer } from "../lib/node/modules.ts";
import { hasDevDependencies, hasScript, nodeEnv, type PackageJson, readPackageJson } from "../lib/node/package-json.ts";
import { provideTool, requestedToolVersion } from "../lib/node/tool-version.ts";
import { isYarn2 } from "../lib/node/yarn.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.nodejs.yarn: installs what package.json lists with Yarn, classic or modern. */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "yarn_modules";

function detect(context: DetectContext): Detected {
  if (!context.fileExists("package.json")) return optOut("package.json not found");
  if (context.fileExists("yarn.lock")) return optIn("found yarn.lock and package.json");
  if (context.env["GOOGLE_PACKAGE_MANAGER"]?.toLowerCase() === "yarn") {
    return optIn("package.json found and GOOGLE_PACKAGE_MANAGER=yarn");
  }
  return optOut("yarn.lock not found and GOOGLE_PACKAGE_MANAGER is not set to yarn");
}

async function build(context: BuildContext): Promise<void> {
  const packageJson = readPackageJson(context);
  const modern = isYarn2(context);
  const isFunction = context.env["GOOGLE_FUNCTION_TARGET"] !== undefined;
  const version = requestedToolVersion(packageJson, "yarn") ?? (modern ? ">=2" : "1");
  await provideTool(context, { name: "yarn", layer: "yarn_engine", version, launch: !isFunction || modern });
  if (modern) await installModern(context, packageJson);
  else await installClassic(context, packageJson);
  context.addWebProcess({ command: ["yarn", "run", "start"] });
}

async function installClassic(context: BuildContext, packageJson: PackageJson | undefined): Promise<void> {
  rmSync(join(context.appDir, "node_modules"), { recursive: true, force: true });
  const hasLock = context.fileExists("yarn.lock");
  const command = [
    "yarn",
    "install",
    "--non-interactive",
    "--prefer-offline",
    ...(hasLock ? ["--frozen-lockfile"] : []),
  ];
  const install = async (production: boolean): Promise<void> => {
    await context.exec([...command, `--production=${production}`], { user: true });
  };
  const files = ["package.json", "yarn.lock", ".npmrc", ".yarnrc"];
  const hasBuild = hasScript(packageJson, "gcp-build");
  if (!hasBuild && canLayerModules(context, packageJson, undefined)) {
    const production = nodeEnv(context.env) === "production";
    return installIntoLayer(context, { layer: LAYER, files, strings: [], install: () => install(production) });
  }
  await inPlace(context, files, () => install(!hasBuild && nodeEnv(context.env) === "production"));
  if (!hasBuild) return;
  await context.exec(["yarn", "run", "gcp-build"], { user: true });
  if (!mayPrune(context)) return;
  context.log("Pruning devDependencies");
  // For classic Yarn, --production=true deletes all devDependencies.
  await context.exec([...command, "--ignore-scripts", "--production=true"], { user: true });
}

async function installModern(context: BuildContext, packageJson: PackageJson | undefined): Promise<void> {
  // What is installed must be part of the application, not of the build's home directory.
  context.env["YARN_ENABLE_GLOBAL_CACHE"] ??= "false";
  const zeroInstall = context.fileExists(".yarn/cache");
  await context.exec(["yarn", "install", "--immutable", ...(zeroInstall ? ["--immutable-cache"] : [])], { user: true });
  if (hasScript(packageJson, "gcp-build")) await context.exec(["yarn", "run", "gcp-build"], { user: true });
  if (hasDevDependencies(packageJson) && mayPrune(context) && (await hasWorkspaceTools(context))) {
    context.log("Pruning devDependencies");
    await context.exec(["yarn", "workspaces", "focus", "--all", "--production"], { user: true });
  }
  context.addSlice(["node_modules", ".yarn/cache", ".yarn/unplugged"]);
  addModulesEnv(context);
}

/** Yarn 2 and 3 have "workspaces focus" in a plugin, later ones in themselves. */
async function hasWorkspaceTools(context: BuildContext): Promise<boolean> {
  const { stdout } = await context.exec(["yarn", "plugin", "runtime"]);
  if (stdout.includes("plugin-workspace-tools")) return true;
  context.warn(
    "Keeping devDependencies because the Yarn workspace-tools plugin is not installed. You can add it to your project by running 'yarn plugin import workspace-tools'",
  );
  return false;
}

/** Installs inside the application, starting from what the previous build with the same inputs had installed. */
async function inPlace(context: BuildContext, files: readonly string[], install: () => Promise<void>): Promise<void> {
  const layer = context.layer(LAYER);
  const { isCached, metadata } = await checkOrClearCache(context, layer, { files, strings: [] });
  if (isCached) await context.exec(["cp", "--archive", join(layer.path, "node_modules"), "node_modules"]);
  // Always run, for the application's own install scripts.
  await install();
  if (!isCached) {
    await context.exec(["mkdir", "-p", "node_modules"]);
    await context.exec(["cp", "--archive", "node_modules", join(layer.path, "node_modules")]);
  }
  layer.save(["build", "cache"], metadata);
  context.addSlice(["node_modules"]);
  addModulesEnv(context);
}

function mayPrune(context: BuildContext): boolean {
  const env = nodeEnv(context.env);
  if (env === "production") return true;
  context.log(`Retaining devDependencies because NODE_ENV="${env}".`);
  return false;
}
