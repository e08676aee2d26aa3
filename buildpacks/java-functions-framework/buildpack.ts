import { globSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError, userError } from "../lib/error.ts";
import { hasClass } from "../lib/java/jar.ts";
import { javaVariables } from "../lib/java/variables.ts";
import { saveFunctionEnv } from "../lib/function-env.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";
import { installFramework } from "./framework.ts";
import type { BuiltFunction } from "./function.ts";
import { gradleFunction } from "./gradle-function.ts";
import { mavenFunction } from "./maven-function.ts";

/** google.java.functions-framework: has the Functions Framework serve a class of the application. */
export const run: Program = buildpackProgram({ detect, build });

function detect(context: DetectContext): Detected {
  const target = context.env[javaVariables.target];
  return target === undefined
    ? optOut(`${javaVariables.target} not set`)
    : optIn(`${javaVariables.target} set to "${target}"`);
}

async function build(context: BuildContext): Promise<void> {
  const built = await findFunction(context);
  const target = context.env[javaVariables.target];
  if (!target) throw userError(`required env var ${javaVariables.target} has an empty value`);
  const command = await installFramework(context, built.invoker);
  // In a layer of its own, so that functions with the same framework share that layer.
  saveFunctionEnv(context, "function", target);
  await checkTarget(context, built, target);
  context.addWebProcess({ command: [...command, "--classpath", built.classpath] });
}

/** Google: buildpacks, cmd/java/functions_framework, classpath. */
async function findFunction(context: BuildContext): Promise<BuiltFunction> {
  if (context.fileExists("pom.xml")) return mavenFunction(context);
  if (["build.gradle", "build.gradle.kts"].some((file) => context.fileExists(file))) return gradleFunction(context);
  const [jar, ...others] = globSync("*.jar", { cwd: context.appDir }).sort();
  if (others.length > 0) {
    throw userError(`function has no pom.xml and more than one jar file: ${[jar, ...others].join(", ")}`);
  }
  if (jar === undefined)
    throw userError(`function has neither pom.xml nor already-built jar file; ${entries(context)}`);
  // It brings all that it needs along.
  return { classpath: jar, jar: join(context.appDir, jar) };
}

function entries({ appDir }: BuildContext): string {
  const names = globSync("*", { cwd: appDir }).sort();
  return names.length === 0 ? "directory is empty" : `directory has these entries: ${names.join(", ")}`;
}

/** Finds the commonest mistake without starting a JVM for the usual case, in which there is none. */
async function checkTarget(context: BuildContext, built: BuiltFunction, target: string): Promise<void> {
  if (hasClass(built.jar, target)) return;
  await built.provideDependencies?.();
  try {
    await context.exec(["javap", "-classpath", built.classpath, target]);
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    throw userError(
      `build succeeded but did not produce the class ${JSON.stringify(target)} specified as the function target: ${error.message}`,
    );
  }
}
