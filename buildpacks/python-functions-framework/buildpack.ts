import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError, userError } from "../lib/error.ts";
import { hasPackage, isPyprojectEnabled } from "../lib/python/project.ts";
import { REQUIREMENTS_PLAN, VENDORED, addRequirementsFile } from "../lib/python/requirements.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.python.functions-framework: makes the application a function that the Functions Framework serves. */
export const run: Program = buildpackProgram({ detect, build });

const TARGET = "GOOGLE_FUNCTION_TARGET";
const SOURCE = "GOOGLE_FUNCTION_SOURCE";
const SKIP_INJECTION = "GOOGLE_SKIP_FRAMEWORK_INJECTION";
const FRAMEWORK = "functions-framework";
/** What the framework takes in place of the build's variables. */
const LAUNCH_VARIABLES = {
  [TARGET]: "FUNCTION_TARGET",
  GOOGLE_FUNCTION_SIGNATURE_TYPE: "FUNCTION_SIGNATURE_TYPE",
  [SOURCE]: "FUNCTION_SOURCE",
} as const;

function detect(context: DetectContext): Detected {
  const target = context.env[TARGET];
  if (target === undefined) return optOut(`${TARGET} not set`);
  const plan = isPyprojectEnabled(context) ? undefined : { provides: REQUIREMENTS_PLAN };
  return optIn(`${TARGET} set to "${target}"`, plan);
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  checkSource(context);
  await compileApplication(context);
  const layer = context.layer(FRAMEWORK);
  if (hasPackage(context, FRAMEWORK)) {
    context.log("Handling functions with dependency on functions-framework.");
  } else {
    checkInjection(context);
    context.log("Adding functions-framework requirements.txt to the list of requirements files to install.");
    addRequirementsFile(layer, join(context.buildpackDir, "framework", "requirements.txt"));
  }
  if (!context.env[TARGET]) throw userError(`required env var ${TARGET} has an empty value`);
  for (const [name, launchName] of Object.entries(LAUNCH_VARIABLES)) {
    const value = context.env[name];
    if (value !== undefined) layer.setEnv("launch", launchName, value, { action: "default" });
  }
  layer.save(["build", "launch"]);
  context.addWebProcess({ command: [FRAMEWORK] });
}

/** Otherwise the function would be built and fail when it starts. */
function checkSource(context: BuildContext): void {
  const source = context.env[SOURCE];
  if (source === undefined && !context.fileExists("main.py")) {
    throw userError(
      `missing main.py and ${SOURCE} not specified. Either create the function in main.py or specify ${SOURCE} to point to the file that contains the function`,
    );
  }
  if (source !== undefined && !context.fileExists(source)) {
    throw userError(`${SOURCE} specified file "${source}" but it does not exist`);
  }
}

/** Finds syntax errors, and leaves bytecode that is compared with the source by its hash, not by a time. */
async function compileApplication(context: BuildContext): Promise<void> {
  const command = ["python3", "-m", "compileall", "-f", "-q", "--invalidation-mode", "checked-hash", "."];
  await context.exec(command, { env: { PYTHONHASHSEED: "0" }, user: true });
}

function checkInjection(context: BuildContext): void {
  if (isPyprojectEnabled(context)) {
    throw userError(
      "This project is using pyproject.toml but you have not included the Functions Framework in your dependencies. Please add it to your pyproject.toml.",
    );
  }
  if (context.env[VENDORED] !== undefined) {
    throw userError(
      "Vendored dependencies detected, please add functions-framework to requirements.txt and download it using pip",
    );
  }
  context.log("Handling functions without dependency on functions-framework.");
  if (/^(1|t|true)$/i.test(context.env[SKIP_INJECTION] ?? "")) {
    const reason = `Functions Framework must be set as a dependency when skipping automatic framework injection has been enabled via ${SKIP_INJECTION}`;
    throw new BuildpackError(reason, "FAILED_PRECONDITION");
  }
}
