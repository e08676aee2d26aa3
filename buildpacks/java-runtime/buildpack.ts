import { globSync } from "node:fs";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { BuildpackError, userError } from "../lib/error.ts";
import { copyJava } from "../lib/java/copy-java.ts";
import { findJava } from "../lib/java/java-version.ts";
import { isTrue, javaVariables } from "../lib/java/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.java.runtime: makes sure that the application is built and run with the version of Java that it asks for. */
export const run: Program = buildpackProgram({ detect, build });

const FILES = [
  "pom.xml",
  ".mvn/extensions.xml",
  "build.gradle",
  "build.gradle.kts",
  "settings.gradle.kts",
  "settings.gradle",
  "META-INF/MANIFEST.MF",
];
const README = "https://github.com/GoogleCloudPlatform/buildpacks#configuration";

function detect(context: DetectContext): Detected {
  const runtime = context.env[javaVariables.runtime]?.trim().toLowerCase();
  if (runtime) {
    return runtime.startsWith("java")
      ? optIn('GOOGLE_RUNTIME matches "java"')
      : optOut('GOOGLE_RUNTIME does not match to "java"');
  }
  for (const file of FILES) {
    context.log(`Checking for file: ${file}`);
    if (context.fileExists(file)) return optIn(`found ${file}`);
  }
  for (const ending of [".java", ".jar"]) {
    if (globSync(`*${ending}`, { cwd: context.appDir }).length > 0) return optIn(`found ${ending} files`);
  }
  return optOut(`none of the following found: ${FILES.join(", ")}, *.java, *.jar`);
}

async function build(context: BuildContext): Promise<void> {
  if (isTrue(context.env[javaVariables.nativeImage])) {
    throw new BuildpackError(`${javaVariables.nativeImage} is not supported`, "FAILED_PRECONDITION");
  }
  const java = findJava(context);
  checkVersion(context, java.version);
  const forBuild = context.layer("env");
  forBuild.setEnv("build", "JAVA_HOME", java.home);
  forBuild.save(["build"]);
  if (!isTrue(context.env["X_GOOGLE_SKIP_RUNTIME_LAUNCH"])) await copyJava(context, java);
}

/** Debian keeps one release of each version: an older one is not to be had. */
function checkVersion(context: BuildContext, provided: string): void {
  const requested = context.env[javaVariables.runtimeVersion];
  if (!requested) {
    const [feature] = provided.split(".");
    return context.log(
      `Using latest Java ${feature} runtime version. You can specify a different version with ${javaVariables.runtimeVersion}: ${README}`,
    );
  }
  context.log(`Using requested runtime feature version: ${requested}`);
  const wanted = requested
    .trim()
    .split(/[+_]/)[0]!
    .replace(/(\.[x*])+$/, "");
  if (`${provided}.`.startsWith(`${wanted}.`)) return;
  throw userError(
    `invalid Java version specified: the base image has Java ${provided}, not ${requested}; choose another runtime or leave ${javaVariables.runtimeVersion} out`,
  );
}
