import { rmSync } from "node:fs";
import { join } from "node:path";
import { globSync } from "node:fs";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError } from "../lib/error.ts";
import { determineBuildCommands } from "../lib/node/build-commands.ts";
import { addModulesEnv, canLayerModules, installIntoLayer } from "../lib/node/modules.ts";
import { hasDevDependencies, nodeEnv, type PackageJson, readPackageJson } from "../lib/node/package-json.ts";
import { provideTool, requestedToolVersion } from "../lib/node/tool-version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.nodejs.pnpm: installs what package.json lists with pnpm, and runs the project's build scripts. */
export const run: Program = buildpackProgram({ detect, build });

const NO_VERIFY = "PNPM_CONFIG_VERIFY_DEPS_BEFORE_RUN";
const LOCKFILE = "pnpm-lock.yaml";

function detect(context: DetectContext): Detected {
  if (!context.fileExists("package.json")) return optOut("package.json not found");
  if (context.fileExists(LOCKFILE)) return optIn("found pnpm-lock.yaml and package.json");
  if (context.env["GOOGLE_PACKAGE_MANAGER"]?.toLowerCase() === "pnpm") {
    return optIn("package.json found and GOOGLE_PACKAGE_MANAGER=pnpm");
  }
  return optOut("pnpm-lock.yaml not found and GOOGLE_PACKAGE_MANAGER is not set to pnpm");
}

async function build(context: BuildContext): Promise<void> {
  context.env[NO_VERIFY] = "false";
  const packageJson = readPackageJson(context);
  rmSync(join(context.appDir, "node_modules"), { recursive: true, force: true });
  const version = requestedToolVersion(packageJson, "pnpm");
  const launch = context.env["GOOGLE_FUNCTION_TARGET"] === undefined;
  await provideTool(context, { name: "pnpm", layer: "pnpm_engine", version, launch });
  const { commands } = determineBuildCommands(packageJson, context.env, "pnpm");
  if (commands.length === 0 && !isWorkspace(context) && canLayerModules(context, packageJson, undefined)) {
    await installIntoLayer(context, {
      layer: "pnpm_modules",
      files: ["package.json", LOCKFILE, ".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs"],
      strings: [],
      install: () => install(context, nodeEnv(context.env)),
    });
  } else {
    await inPlace(context, packageJson, commands);
  }
  context.addWebProcess({ command: ["pnpm", "run", "start"] });
}

async function inPlace(
  context: BuildContext,
  packageJson: PackageJson | undefined,
  commands: readonly (readonly string[])[],
): Promise<void> {
  const wanted = context.env["NODE_ENV"];
  const env = wanted ?? (commands.length > 0 ? "development" : "production");
  await install(context, env);
  for (const command of commands) await context.exec(command, { user: true });
  if (hasDevDependencies(packageJson) && wanted === undefined && env === "development") {
    await attributed(
      "pruning devDependencies",
      context.exec(["pnpm", "prune", "--prod"], { env: { CI: "true" }, user: true }),
    );
  } else if (hasDevDependencies(packageJson) && env !== "production") {
    context.log(`Retaining devDependencies because NODE_ENV="${env}".`);
  }
  removeTimestamps(context);
  context.addSlice(["node_modules"]);
  addModulesEnv(context);
}

async function install(context: BuildContext, env: string): Promise<void> {
  const command = ["pnpm", "install", ...(env === "production" ? ["--prod"] : [])];
  await attributed(
    "installing pnpm dependencies",
    context.exec(command, { env: { CI: "true", NODE_ENV: env }, user: true }),
  );
  removeTimestamps(context);
}

/** pnpm writes down when it ran; the same project must give the same layer. */
function removeTimestamps(context: BuildContext): void {
  for (const path of globSync("node_modules/{.modules.yaml,.pnpm-workspace-state*.json}", { cwd: context.appDir })) {
    rmSync(join(context.appDir, path));
  }
}

function isWorkspace(context: BuildContext): boolean {
  return /^packages:/m.test(context.readFile("pnpm-workspace.yaml") ?? "");
}

async function attributed(what: string, running: Promise<unknown>): Promise<void> {
  try {
    await running;
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    throw new BuildpackError(`${what}: ${error.message}`, "UNKNOWN");
  }
}
