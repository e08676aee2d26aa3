import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError } from "../lib/error.ts";
import type { Layer } from "../lib/layer.ts";
import { compileBytecode } from "../lib/python/bytecode.ts";
import { installIntoLayer } from "../lib/python/dependencies.ts";
import { isPoetryProject, PYPROJECT, readPyproject, scriptCommand } from "../lib/python/project.ts";
import { installInputs } from "../lib/python/requirements.ts";
import { ensureLockfile, installTool, locksLocalPackages } from "../lib/python/uv.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.python.poetry: installs what pyproject.toml and poetry.lock list with Poetry. */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "poetry-dependencies";
const LOCKFILE = "poetry.lock";
/** Has Poetry ask for packages as pip does: mirrors seldom have the interface that it takes by itself. */
const MIRROR_PLUGIN = "poetry-plugin-pypi-mirror";
const MIRROR = "POETRY_PYPI_MIRROR_URL";
const INSTALL = ["poetry", "install", "--no-interaction", "--sync", "--only", "main", "--no-root"];

/** pip has no command that tells its default. */
const PIP_INDEX = `
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
configuration = Configuration(isolated=False)
configuration.load()
print(dict(configuration.items()).get("global.index-url", PyPI.simple_url))
`;

function detect(context: DetectContext): Detected {
  const [isPoetry, reason] = isPoetryProject(context);
  return isPoetry ? optIn(reason) : optOut(reason);
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const constraint = readPyproject(context)?.tool?.poetry?.["requires-poetry"] ?? "";
  const isFunction = context.env["GOOGLE_FUNCTION_TARGET"] !== undefined;
  const launch = !isFunction && scriptCommand(context) !== undefined;
  const provide = async (): Promise<void> => {
    // Before Poetry's own Python, which has no pip, comes first on the PATH.
    context.env[MIRROR] ??= await pipIndex(context);
    await installTool(context, { name: "poetry", constraint, launch, plugins: [MIRROR_PLUGIN] });
  };
  if (launch) await provide();
  await installIntoLayer(context, {
    layer: LAYER,
    files: [PYPROJECT, LOCKFILE],
    strings: [...installInputs(context).strings, constraint],
    isCacheable: !locksLocalPackages(context, LOCKFILE),
    async install(layer) {
      if (!launch) await provide();
      await install(context, layer, launch);
    },
  });
}

/** Google: buildpacks, pkg/python/pyproject.go, PoetryInstallDependenciesAndConfigureEnv. */
async function install(context: BuildContext, layer: Layer, launch: boolean): Promise<void> {
  const env = {
    POETRY_VIRTUALENVS_PATH: layer.path,
    POETRY_VIRTUALENVS_CREATE: "true",
    POETRY_VIRTUALENVS_IN_PROJECT: "false",
    POETRY_VIRTUALENVS_OPTIONS_NO_PIP: "true",
  };
  using _lockfile = await ensureLockfile(context, LOCKFILE, ["poetry", "lock", "--no-interaction"]);
  context.log(`Installing application dependencies into ${layer.path}...`);
  await context.exec(INSTALL, { env, user: true });
  const { stdout: venv } = await context.exec(["poetry", "env", "info", "--path"], { env, user: true });
  context.log(`Located Poetry virtual environment at: ${venv}`);
  layer.setEnv("launch", "PATH", join(venv, "bin"), { action: "prepend", delimiter: ":" });
  // "poetry run" shall find the environment, too.
  if (launch)
    for (const [name, value] of Object.entries(env)) layer.setEnv("launch", name, value, { action: "default" });
  await Promise.all([compileBytecode(context, layer.path), check(context)]);
}

async function check(context: BuildContext): Promise<void> {
  try {
    await context.exec(["poetry", "check"], { user: true });
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    context.log(
      `Warning: 'poetry check' returned an error, which might just be a deprecation warning: ${error.message}`,
    );
  }
}

/** URL of the index that pip uses. */
async function pipIndex(context: BuildContext): Promise<string> {
  const configured = context.env["PIP_INDEX_URL"];
  if (configured) return configured;
  const { stdout } = await context.exec(["python3", "-c", PIP_INDEX], { cwd: "/" });
  return stdout;
}
