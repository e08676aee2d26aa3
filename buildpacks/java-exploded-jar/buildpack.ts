import type { BuildContext, DetectContext } from "../lib/context.ts";
import { mainClassOf, MANIFEST } from "../lib/java/jar.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.java.exploded-jar: starts an application that is an unpacked jar. */
export const run: Program = buildpackProgram({ detect, build });

function detect(context: DetectContext): Detected {
  return context.fileExists(MANIFEST) ? optIn(`found ${MANIFEST}`) : optOut(`${MANIFEST} not found`);
}

function build(context: BuildContext): void {
  const main = mainClassOf(context.readFile(MANIFEST) ?? "");
  context.addWebProcess({ command: ["java", "-classpath", ".", main] });
}
