import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import type { Layer } from "../lib/layer.ts";
import { type Installation, installIntoLayer } from "../lib/python/dependencies.ts";
import {
  type Decision,
  isPackageManager,
  isUvProject,
  PACKAGE_MANAGER,
  PYPROJECT,
  readPyproject,
  REQUIREMENTS,
  scriptCommand,
} from "../lib/python/project.ts";
import { installInputs, REQUIREMENTS_PLAN, requirementsFiles, vendoringOptions } from "../lib/python/requirements.ts";
import { createVenv, ensureLockfile, finishVenv, installTool, locksLocalPackages } from "../lib/python/uv.ts";
import { isAtLeast } from "../lib/python/version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";
import { satisfies } from "../lib/semver.ts";

/** google.python.uv: installs what pyproject.toml and uv.lock or requirements files list with uv. */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "uv-dependencies";
const LOCKFILE = "uv.lock";
/** From this version on uv installs requirements files unless told otherwise. */
const DEFAULT_SINCE = "3.14.0";

function detect(context: DetectContext): Detected {
  const [isProject, projectReason] = isUvProject(context);
  if (isProject) return optIn(projectReason);
  const [isForRequirements, reason] = installsRequirements(context);
  if (!isForRequirements) return optOut(reason);
  return optIn(reason, {
    provides: context.fileExists(REQUIREMENTS) ? REQUIREMENTS_PLAN : [],
    requires: REQUIREMENTS_PLAN,
  });
}

/** Google: buildpacks, pkg/python/requirements.go, IsUVRequirements. */
function installsRequirements(context: DetectContext): Decision {
  if (isPackageManager(context, "uv")) return [true, `environment variable ${PACKAGE_MANAGER} is uv`];
  if (!context.env[PACKAGE_MANAGER] && isAtLeast(context, DEFAULT_SINCE)) {
    return [true, `environment variable ${PACKAGE_MANAGER} is not set, using uv as default package manager`];
  }
  return [false, `environment variable ${PACKAGE_MANAGER} is not uv`];
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const [isProject] = isUvProject(context);
  const version = await provideUv(context);
  if (isProject) provideForScripts(context);
  await installIntoLayer(
    context,
    isProject ? projectInstallation(context, version) : requirementsInstallation(context, version),
  );
}

/** Provides the uv that the project asks for; resolves with its version. */
async function provideUv(context: BuildContext): Promise<string> {
  const installed = await uvVersion(context);
  const constraint = readPyproject(context)?.tool?.uv?.["required-version"] ?? "";
  if (constraint === "" || satisfies(installed, constraint)) return installed;
  await installTool(context, { name: "uv", constraint, launch: false });
  return uvVersion(context);
}

async function uvVersion(context: BuildContext): Promise<string> {
  const { stdout } = await context.exec(["uv", "--version"], { cwd: "/" });
  return stdout.split(" ")[1] ?? "";
}

function projectInstallation(context: BuildContext, uv: string): Installation {
  const { files, strings } = installInputs(context);
  return {
    layer: LAYER,
    files: [...files, PYPROJECT, LOCKFILE],
    strings: [...strings, uv],
    isCacheable: !isPackage(context) && !locksLocalPackages(context, LOCKFILE),
    install: (layer, python) => sync(context, layer, python),
  };
}

/** Whether uv builds the project itself, too, which may leave files in the application. uv: "Project packaging". */
function isPackage(context: BuildContext): boolean {
  const pyproject = readPyproject(context);
  return pyproject?.tool?.uv?.package ?? pyproject?.["build-system"] !== undefined;
}

/** Google: buildpacks, pkg/python/pyproject.go, UVInstallDependenciesAndConfigureEnv. */
async function sync(context: BuildContext, layer: Layer, python: string): Promise<void> {
  const vendored = vendoringOptions(context);
  context.env["UV_PYTHON"] = python;
  using _lockfile = await ensureLockfile(context, LOCKFILE, ["uv", "lock", ...vendored]);
  const venv = join(layer.path, ".venv");
  await createVenv(context, venv, python);
  context.log("Installing dependencies with `uv sync` into the virtual environment...");
  const command = ["uv", "sync", "--active", "--link-mode=copy", "--python", python, ...vendored];
  await context.exec(command, { env: { VIRTUAL_ENV: venv }, user: true });
  context.log(`Dependencies installed to virtual environment at ${venv}`);
  await finishVenv(context, layer, venv);
}

function requirementsInstallation(context: BuildContext, uv: string): Installation {
  const { files, strings } = installInputs(context);
  const requirements = requirementsFiles(context);
  return {
    layer: LAYER,
    files: [...files, ...requirements],
    strings: [...strings, uv],
    install: (layer, python) => installRequirements(context, layer, python, requirements),
  };
}

/** Google: buildpacks, pkg/python/requirements.go, UVInstallRequirements. */
async function installRequirements(
  context: BuildContext,
  layer: Layer,
  python: string,
  files: readonly string[],
): Promise<void> {
  context.log("Installing application dependencies with uv.");
  const venv = join(layer.path, ".venv");
  await createVenv(context, venv, python);
  for (const file of files) {
    context.log(`Installing dependencies from ${file}...`);
    const command = [
      "uv",
      "pip",
      "install",
      "-r",
      file,
      "--reinstall",
      "--link-mode=copy",
      ...vendoringOptions(context),
    ];
    await context.exec(command, { env: { VIRTUAL_ENV: venv }, user: true });
  }
  context.log(`Dependencies from requirements.txt installed to virtual environment at ${venv}`);
  await finishVenv(context, layer, venv);
}

/** An application whose script uv starts needs uv, and the environment that was made here in place of a new one. */
function provideForScripts(context: BuildContext): void {
  if (context.env["GOOGLE_FUNCTION_TARGET"] !== undefined || scriptCommand(context) === undefined) return;
  const layer = context.layer("uv-run");
  mkdirSync(join(layer.path, "bin"), { recursive: true });
  copyFileSync("/usr/local/bin/uv", join(layer.path, "bin", "uv"));
  const venv = join(context.layer(LAYER).path, ".venv");
  for (const [name, value] of Object.entries({ UV_PROJECT_ENVIRONMENT: venv, UV_NO_SYNC: "1", UV_NO_CACHE: "1" })) {
    layer.setEnv("launch", name, value, { action: "default" });
  }
  layer.save(["launch"]);
}
