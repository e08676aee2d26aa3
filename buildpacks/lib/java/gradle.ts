import { join } from "node:path";
import type { BuildContext } from "../context.ts";
import { userError } from "../error.ts";
import { removeCarriageReturns } from "./maven.ts";

/** Files that tell a Gradle project. Google: buildpacks, cmd/java/gradle, DetectFn. */
export const GRADLE_FILES: readonly string[] = [
  "build.gradle",
  "build.gradle.kts",
  "settings.gradle.kts",
  "settings.gradle",
];

/** The program that runs Gradle: the project's own wrapper, else one on the PATH; a user error where there is neither. */
export async function gradleProgram(context: BuildContext): Promise<string> {
  if (context.fileExists("gradlew")) {
    removeCarriageReturns(join(context.appDir, "gradlew"));
    return "./gradlew";
  }
  const { stdout } = await context.exec(["sh", "-c", "command -v gradle || true"]);
  if (stdout !== "") return "gradle";
  throw userError(
    "the build image has no Gradle, which no package registry offers; add the Gradle Wrapper to the project by running: 'gradle wrapper'",
  );
}
