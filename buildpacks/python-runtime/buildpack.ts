import { globSync } from "node:fs";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { internalError } from "../lib/error.ts";
import { installInterpreter } from "../lib/python/interpreter.ts";
import { pythonVersion, requestedVersion } from "../lib/python/version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";
import { satisfies } from "../lib/semver.ts";

/** google.python.runtime: makes sure that the application runs on the version of Python that it asks for. */
export const run: Program = buildpackProgram({ detect, build });

/** 1980-01-01T00:00:01Z, the time of every file of an image. */
const BUILD_TIME = "315532801";

function detect(context: DetectContext): Detected {
  const runtime = context.env["GOOGLE_RUNTIME"]?.trim().toLowerCase();
  if (runtime) {
    return runtime.startsWith("python")
      ? optIn('GOOGLE_RUNTIME matches "python"')
      : optOut('GOOGLE_RUNTIME does not match to "python"');
  }
  const files = globSync("**/*.py", { cwd: context.appDir, exclude: (name) => name === "node_modules" });
  return files.length > 0 ? optIn("found .py files") : optOut("no .py files found");
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const provided = await pythonVersion(context);
  checkVersion(context, provided);
  // A base image with Python needs no other.
  if (context.env["X_GOOGLE_SKIP_RUNTIME_LAUNCH"] !== "true") await installInterpreter(context, provided);
  const layer = context.layer("env");
  // Log messages appear immediately then.
  layer.setEnv("launch", "PYTHONUNBUFFERED", "TRUE", { action: "default" });
  // Without what would say when and in which temporary folder a package was built.
  layer.setEnv("build", "SOURCE_DATE_EPOCH", BUILD_TIME, { action: "default" });
  layer.setEnv("build", "CFLAGS", "-g0", { action: "append", delimiter: " " });
  // Debian's compilers bring Debian's mark along that its packages are not pip's to change.
  layer.setEnv("build", "PIP_BREAK_SYSTEM_PACKAGES", "1", { action: "default" });
  layer.save(["build", "launch"]);
}

/** There is one patch version of each minor version: the one that Debian keeps secure. */
function checkVersion(context: BuildContext, provided: string): void {
  const requested = requestedVersion(context);
  if (!requested) {
    return context.log(`Python version not specified, using the latest available Python runtime: ${provided}`);
  }
  const { version, source } = requested;
  context.log(`Using Python version from ${source}: ${version}`);
  if (satisfies(provided, version)) return;
  const minor = /^\d+\.\d+/.exec(provided)![0];
  const isOtherPatch = version.startsWith(`${minor}.`);
  if (source === ".python-version" && (isOtherPatch || /\d/.test(context.env["GOOGLE_RUNTIME"] ?? ""))) {
    // The runtime was chosen by name; the file is for the project's developers, too.
    return context.warn(`${source} asks for Python ${version}, but the runtime has ${provided}`);
  }
  throw internalError(
    `invalid Python version specified: ${version} is not available, ${provided} is. You may need to use a different builder. Please check if the language version specified is supported by the os. You can refer to https://cloud.google.com/docs/buildpacks/builders for a list of compatible runtime languages per builder`,
  );
}
