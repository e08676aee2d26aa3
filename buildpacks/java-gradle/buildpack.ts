import type { BuildContext, DetectContext } from "../lib/context.ts";
import { GRADLE_FILES, gradleProgram } from "../lib/java/gradle.ts";
import { settleJarTimes } from "../lib/java/jar.ts";
import { javaVariables, wordsOf } from "../lib/java/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.java.gradle: builds the application with Gradle. */
export const run: Program = buildpackProgram({ detect, build });

function detect(context: DetectContext): Detected {
  const found = GRADLE_FILES.find((file) => context.fileExists(file));
  return found === undefined
    ? optOut(`none of the following found: ${GRADLE_FILES.join(", ")}`)
    : optIn(`found ${found}`);
}

async function build(context: BuildContext): Promise<void> {
  const program = await gradleProgram(context);
  await context.exec([program, ...buildArguments(context), "--quiet"], { user: true });
  settleJarTimes(context);
}

/** Google: buildpacks, cmd/java/gradle, BuildFn. */
function buildArguments(context: BuildContext): string[] {
  const own = wordsOf(context.env[javaVariables.gradleBuildArgs]);
  if (own.length > 0) return own;
  const added = context.env[javaVariables.buildArgs];
  if (added?.includes("project-cache-dir")) {
    context.warn(
      `Detected project-cache-dir property set in ${javaVariables.buildArgs}. Dependency caching may not work properly.`,
    );
  }
  return ["clean", "assemble", "-x", "test", "--build-cache", ...(added ? [added] : [])];
}
