import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError } from "../lib/error.ts";
import { type BuildCommands, determineBuildCommands, RUN_SCRIPTS } from "../lib/node/build-commands.ts";
import { addModulesEnv, canLayerModules, checkOrClearCache, installIntoLayer } from "../lib/node/modules.ts";
import { provideNpm } from "../lib/node/npm.ts";
import {
  hasDevDependencies,
  hasInstallScripts,
  isTrue,
  nodeEnv,
  type PackageJson,
  readPackageJson,
} from "../lib/node/package-json.ts";
import { defaultStartCommand } from "../lib/node/start-command.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.nodejs.npm: installs what package.json lists with npm, and runs the project's build scripts. */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "npm_modules";
/** Without asking the registry about what is not needed to install. */
const QUIETLY = ["--quiet", "--no-fund", "--no-audit"];
const LOCKFILES = ["npm-shrinkwrap.json", "package-lock.json"];

interface Project {
  readonly packageJson: PackageJson | undefined;
  readonly lockfile: string | undefined;
  readonly build: BuildCommands;
}

function detect(context: DetectContext): Detected {
  return context.fileExists("package.json") ? optIn("found package.json") : optOut("package.json not found");
}

async function build(context: BuildContext): Promise<void> {
  const packageJson = readPackageJson(context);
  const isVendored = isTrue(context.env["GOOGLE_VENDOR_NPM_DEPENDENCIES"]);
  if (!isVendored) rmSync(join(context.appDir, "node_modules"), { recursive: true, force: true });
  await provideNpm(context, packageJson);
  const lockfile = LOCKFILES.find((name) => context.fileExists(name));
  const project = { packageJson, lockfile, build: determineBuildCommands(packageJson, context.env, "npm") };
  if (isVendored) await useVendored(context, project);
  else if (project.build.commands.length === 0 && canLayerModules(context, packageJson, lockfile))
    await layered(context, project);
  else await inPlace(context, project);
  context.addWebProcess(defaultStartCommand(context, packageJson));
}

/** Dependencies in a layer of their own: the usual case of a function, and one in which a new build need not run npm. */
async function layered(context: BuildContext, { lockfile }: Project): Promise<void> {
  if (!lockfile) context.warn("*** Improve build performance by generating and committing package-lock.json.");
  await installIntoLayer(context, {
    layer: LAYER,
    files: ["package.json", ".npmrc", ...LOCKFILES],
    strings: [],
    install: () => install(context, lockfile, nodeEnv(context.env)),
  });
}

/** Dependencies inside the application, as its scripts expect them. Google: buildpacks, cmd/nodejs/npm. */
async function inPlace(context: BuildContext, project: Project): Promise<void> {
  const env = context.env["NODE_ENV"] ?? (project.build.commands.length > 0 ? "development" : "production");
  const lockfile = project.lockfile ?? (await generateLockfile(context));
  const layer = context.layer(LAYER);
  const inputs = { files: ["package.json", ".npmrc", lockfile], strings: [env] };
  const { isCached, metadata } = await checkOrClearCache(context, layer, inputs);
  // A native module's own compilation is part of installing, and depends on how it is installed.
  if (isCached && !context.fileExists("binding.gyp")) {
    await context.exec(["cp", "--archive", join(layer.path, "node_modules"), "node_modules"]);
    // The application's own install scripts may depend on any of its files.
    if (hasInstallScripts(project.packageJson)) {
      await context.exec(["npm", "install", ...QUIETLY], { env: { NODE_ENV: env }, user: true });
    }
  } else {
    layer.clear();
    await install(context, lockfile, env);
    await context.exec(["mkdir", "-p", "node_modules"]);
    await context.exec(["cp", "--archive", "node_modules", join(layer.path, "node_modules")]);
  }
  layer.save(["build", "cache"], metadata);
  await runScripts(context, project);
  if (project.build.commands.length > 0 && shouldPrune(context, project)) {
    await context.exec(["npm", "prune", "--omit=dev", ...QUIETLY], { user: true });
  }
  context.addSlice(["node_modules"]);
  addModulesEnv(context);
}

async function useVendored(context: BuildContext, project: Project): Promise<void> {
  const env = context.env["NODE_ENV"] ?? (project.build.commands.length > 0 ? "development" : "production");
  await context.exec(["npm", "rebuild"], { env: { NODE_ENV: env }, user: true });
  await runScripts(context, project);
  context.addSlice(["node_modules"]);
  addModulesEnv(context);
}

async function install(context: BuildContext, lockfile: string | undefined, env: string): Promise<void> {
  context.log("Installing application dependencies.");
  // What a lockfile names never changes: packages in the cache need not be asked about at the registry.
  const command = lockfile
    ? ["npm", "ci", ...QUIETLY, "--prefer-offline"]
    : ["npm", "install", "--no-package-lock", ...QUIETLY];
  await context.exec(command, { env: { NODE_ENV: env }, user: true });
}

async function generateLockfile(context: BuildContext): Promise<string> {
  context.log("Generating package-lock.json.");
  context.warn("*** Improve build performance by generating and committing package-lock.json.");
  await context.exec(["npm", "install", "--package-lock-only", ...QUIETLY], { user: true });
  return "package-lock.json";
}

async function runScripts(context: BuildContext, { build }: Project): Promise<void> {
  for (const command of build.commands) {
    try {
      await context.exec(command, { user: true });
    } catch (error) {
      if (build.isCustom || !(error instanceof BuildpackError)) throw error;
      const note = `NOTE: Running the default build script can be skipped by passing the empty environment variable "${RUN_SCRIPTS}=" to the build`;
      throw new BuildpackError(`${error.message}\n${note}`, error.status, command);
    }
  }
}

function shouldPrune(context: BuildContext, { packageJson }: Project): boolean {
  if (!hasDevDependencies(packageJson)) return false;
  const env = nodeEnv(context.env);
  if (env === "production") return true;
  context.log(`Retaining devDependencies because NODE_ENV="${env}".`);
  return false;
}
