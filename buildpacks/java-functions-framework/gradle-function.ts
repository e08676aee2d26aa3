import { globSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import { gradleProgram } from "../lib/java/gradle.ts";
import { readInvoker } from "./framework.ts";
import type { BuiltFunction } from "./function.ts";

const FOLDER = "build/_javaFunctionDependencies";

/** The jar that Gradle has built, and what it needs to run beside it. */
export async function gradleFunction(context: BuildContext): Promise<BuiltFunction> {
  const script = join(context.buildpackDir, "function-tasks.gradle");
  const tasks = ["_javaFunctionCopyAllDependencies", "_javaFunctionPrintJarTarget"];
  const command = [await gradleProgram(context), "--quiet", "--init-script", script, ...tasks];
  const { stdout } = await context.exec(command, { user: true });
  const name = stdout.trim().split("\n").at(-1) ?? "";
  const jar = isAbsolute(name) ? relative(context.appDir, name) : name;
  if (jar === "" || !context.fileExists(jar)) throw userError(`expected output jar ${jar} does not exist`);
  context.addSlice([FOLDER]);
  const [found] = globSync(`${FOLDER}/java-function-invoker-*.jar`, { cwd: context.appDir });
  const invoker = found === undefined ? undefined : readInvoker(join(context.appDir, found));
  return { classpath: `${jar}:${FOLDER}/*`, jar: join(context.appDir, jar), ...(invoker ? { invoker } : {}) };
}
