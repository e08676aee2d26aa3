import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import { isFalse, isTrue, javaVariables } from "../lib/java/variables.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.java.clear-source: leaves the source out of the image once it is compiled. */
export const run: Program = buildpackProgram({ detect, build });

const FILES = ["pom.xml", "build.gradle", "build.gradle.kts"];
/** What the build tools made, and the platform's own settings. Google: buildpacks, pkg/clearsource. */
const KEPT: ReadonlySet<string> = new Set(["target", "build", ".googleconfig"]);

function detect(context: DetectContext): Detected {
  const value = context.env[javaVariables.clearSource];
  if (value === undefined || isFalse(value)) return optOut(`${javaVariables.clearSource} not set`);
  if (!isTrue(value)) {
    throw userError(`parsing "${javaVariables.clearSource}": strconv.ParseBool: parsing "${value}": invalid syntax`);
  }
  const found = FILES.find((file) => context.fileExists(file));
  if (found !== undefined) return optIn(`found ${found}`);
  return optOut(`none of ${FILES.join(", ")} found. Clearing souce only supported on maven and gradle projects.`);
}

function build(context: BuildContext): void {
  context.log("Clearing source");
  for (const name of readdirSync(context.appDir)) {
    if (!KEPT.has(name)) rmSync(join(context.appDir, name), { recursive: true, force: true });
  }
}
