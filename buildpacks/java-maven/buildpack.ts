import type { BuildContext, DetectContext } from "../lib/context.ts";
import { settleJarTimes } from "../lib/java/jar.ts";
import { pomFile, runMaven, setMavenOptions } from "../lib/java/maven.ts";
import { javaVariables, wordsOf } from "../lib/java/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.java.maven: builds the application with Maven. */
export const run: Program = buildpackProgram({ detect, build });

const EXTENSIONS = ".mvn/extensions.xml";

function detect(context: DetectContext): Detected {
  if (pomFile(context) !== undefined) return optIn("found pom.xml");
  if (context.fileExists(EXTENSIONS)) return optIn(`found ${EXTENSIONS}`);
  return optOut(`none of the following found: pom.xml or ${EXTENSIONS}.`);
}

async function build(context: BuildContext): Promise<void> {
  setMavenOptions(context);
  await runMaven(context, [...buildArguments(context), "--quiet"]);
  settleJarTimes(context);
}

/** Google: buildpacks, cmd/java/maven, BuildFn. */
function buildArguments(context: BuildContext): string[] {
  const { env } = context;
  const own = wordsOf(env[javaVariables.mavenBuildArgs]);
  if (own.length > 0) return own;
  const pom = pomFile(context);
  const added = wordsOf(env[javaVariables.buildArgs]);
  if (added.some((word) => word.includes("maven.repo.local"))) {
    context.warn(
      `Detected maven.repo.local property set in ${javaVariables.buildArgs}. Maven caching may not work properly.`,
    );
  }
  const file = pom === undefined ? [] : [`-f=${pom}`];
  return ["clean", "package", "--batch-mode", "-DskipTests", "-Dhttp.keepAlive=false", ...file, ...added];
}
