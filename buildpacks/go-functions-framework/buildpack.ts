import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import { readPackageHeader } from "../lib/go/package-header.ts";
import { goVariables } from "../lib/go/variables.ts";
import { saveFunctionEnv } from "../lib/function-env.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";
import type { FunctionSource } from "./framework.ts";
import { buildGopathFunction } from "./gopath-function.ts";
import { buildModuleFunction } from "./module-function.ts";

/** google.go.functions-framework: makes the application a program that serves the function. */
export const run: Program = buildpackProgram({ detect, build });

/** Where the function's own code goes, beside what is made of it. Google: buildpacks, fnSourceDir. */
const SOURCE_FOLDER = "serverless_function_source_code";

function detect(context: DetectContext): Detected {
  const target = context.env[goVariables.target];
  return target === undefined
    ? optOut(`${goVariables.target} not set`)
    : optIn(`${goVariables.target} set to "${target}"`);
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const target = context.env[goVariables.target];
  if (!target) throw userError(`required env var ${goVariables.target} has an empty value`);
  saveFunctionEnv(context, "functions-framework", target);
  const folder = join(context.appDir, SOURCE_FOLDER);
  moveSource(context.appDir, folder);
  const source = readSource(folder, target);
  if (existsSync(join(folder, "go.mod"))) await buildModuleFunction(context, source);
  else await buildGopathFunction(context, source);
}

/** The platform's own folders stay where they are. */
function moveSource(appDir: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const names = readdirSync(appDir).filter((name) => !name.startsWith(".google"));
  mkdirSync(folder);
  for (const name of names) renameSync(join(appDir, name), join(folder, name));
}

function readSource(folder: string, target: string): FunctionSource {
  try {
    const { name, imports } = readPackageHeader(folder);
    return { folder, target, packageName: name, imports };
  } catch (error) {
    const reason = `Unable to extract package name and imports: ${(error as Error).message}.`;
    throw userError(`error extracting package name: ${reason}`);
  }
}
