import type { BuildContext } from "../lib/context.ts";
import { executableJar } from "../lib/java/jar.ts";
import { buildpackProgram, type Detected, optIn, type Program } from "../lib/program.ts";

/** google.java.entrypoint: starts the jar that the build has left. */
export const run: Program = buildpackProgram({ detect, build });

function detect(): Detected {
  return optIn("always enabled");
}

function build(context: BuildContext): void {
  context.addWebProcess({ command: ["java", "-jar", executableJar(context)] });
}
