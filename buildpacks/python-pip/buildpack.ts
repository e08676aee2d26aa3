import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError, userError } from "../lib/error.ts";
import type { Layer } from "../lib/layer.ts";
import { compileBytecode } from "../lib/python/bytecode.ts";
import { installIntoLayer } from "../lib/python/dependencies.ts";
import { isPipProject, PACKAGE_MANAGER, PYPROJECT, REQUIREMENTS } from "../lib/python/project.ts";
import { installInputs, REQUIREMENTS_PLAN, requirementsFiles, vendoringOptions } from "../lib/python/requirements.ts";
import { buildpackProgram, type Detected, optIn, type Program } from "../lib/program.ts";

/** google.python.pip: installs what requirements files or pyproject.toml list with pip. */
export const run: Program = buildpackProgram({ detect, build });

const LAYER = "pip";
/** Google: buildpacks, pkg/python/python.go, basePipInstallArgs; but for the cache of downloads, which they do without. */
const INSTALL = "python3 -m pip install --upgrade --upgrade-strategy only-if-needed --no-warn-script-location";
const OPTIONS = "--no-warn-conflicts --force-reinstall --no-compile --disable-pip-version-check --user";

function detect(context: DetectContext): Detected {
  if (isPipProject(context)) {
    return optIn(`found pyproject.toml, using pip because ${PACKAGE_MANAGER} is set to 'pip' `);
  }
  const provides = context.fileExists(REQUIREMENTS) ? REQUIREMENTS_PLAN : [];
  return optIn("always enabled", { provides, requires: REQUIREMENTS_PLAN });
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const { files, strings } = installInputs(context);
  const isProject = isPipProject(context);
  const requirements = isProject ? [] : requirementsFiles(context);
  await installIntoLayer(context, {
    layer: LAYER,
    // A project is installed with its own files.
    files: [...files, ...(isProject ? [PYPROJECT] : requirements)],
    isCacheable: !isProject,
    strings,
    install: (layer) =>
      install(context, layer, isProject ? [["."]] : requirements.map((file) => ["--requirement", file])),
  });
}

/** One after the other, so that the application may override what other buildpacks ask for. */
async function install(context: BuildContext, layer: Layer, wanted: readonly string[][]): Promise<void> {
  context.log("Installing application dependencies.");
  layer.setEnv("launch", "PYTHONUSERBASE", layer.path, { action: "default" });
  context.env["PYTHONUSERBASE"] = layer.path;
  const command = `${INSTALL} ${OPTIONS}`.split(" ");
  for (const what of wanted) {
    await context.exec([...command, ...vendoringOptions(context), ...what], { user: true });
  }
  await Promise.all([compileBytecode(context, layer.path), checkConflicts(context)]);
}

async function checkConflicts(context: BuildContext): Promise<void> {
  context.log("Checking for incompatible dependencies.");
  try {
    await context.exec(["python3", "-m", "pip", "check"], { user: true });
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    throw userError(`found incompatible dependencies: ${JSON.stringify(error.message)}`);
  }
}
