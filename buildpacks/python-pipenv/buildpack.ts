import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import type { Layer } from "../lib/layer.ts";
import { installIntoLayer } from "../lib/python/dependencies.ts";
import { PYPROJECT, REQUIREMENTS } from "../lib/python/project.ts";
import { installInputs, REQUIREMENTS_PLAN, requirementsFiles } from "../lib/python/requirements.ts";
import { createVenv, ensureLockfile, finishVenv, installTool } from "../lib/python/uv.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/**
 * homerun.python.pipenv: installs what Pipfile and Pipfile.lock list with Pipenv. Google's buildpacks have none for it;
 * projects with requirements.txt or pyproject.toml are theirs.
 */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "pipenv-dependencies";
const FILES = ["Pipfile", "Pipfile.lock"];

function detect(context: DetectContext): Detected {
  if (!context.fileExists("Pipfile")) return optOut("Pipfile not found");
  for (const file of [REQUIREMENTS, PYPROJECT]) {
    if (context.fileExists(file)) return optOut(`Pipfile and ${file} found, prefer ${file}`);
  }
  return optIn("found Pipfile", { provides: REQUIREMENTS_PLAN, requires: REQUIREMENTS_PLAN });
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const others = requirementsFiles(context);
  await installIntoLayer(context, {
    layer: LAYER,
    files: [...FILES, ...others],
    strings: installInputs(context).strings,
    isCacheable: !/\bpath\s*=|"(?:path|file)":/.test(FILES.map((file) => context.readFile(file) ?? "").join("\n")),
    install: (layer, python) => install(context, layer, python, others),
  });
}

async function install(context: BuildContext, layer: Layer, python: string, others: readonly string[]): Promise<void> {
  await installTool(context, { name: "pipenv", constraint: "", launch: false });
  const venv = join(layer.path, ".venv");
  await createVenv(context, venv, python);
  // Pipenv installs into the environment that is active.
  Object.assign(context.env, { VIRTUAL_ENV: venv, PIPENV_VERBOSITY: "-1", PIPENV_NOSPIN: "1", PIP_NO_COMPILE: "1" });
  for (const file of others) await context.exec(["uv", "pip", "install", "-r", file], { user: true });
  using _lockfile = await ensureLockfile(context, "Pipfile.lock", ["pipenv", "lock"]);
  // Fails when the lockfile does not fit the Pipfile.
  await context.exec(["pipenv", "install", "--deploy"], { user: true });
  await finishVenv(context, layer, venv);
}
