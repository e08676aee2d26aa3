import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { internalError } from "../lib/error.ts";
import { manifestValue } from "../lib/java/jar.ts";
import { findJava } from "../lib/java/java-version.ts";
import { isTrue, javaVariables } from "../lib/java/variables.ts";
import { archiveClasses, canArchive } from "./class-archive.ts";
import { launcherIn, writeLauncher } from "./launcher.ts";
import { FRAMEWORK_LAYER, INVOKER_MAIN, type Invoker } from "./function.ts";

/** Where the build image has the framework. */
const FOLDER = "/usr/local/share/java";
/** Versions for functions that bring none. Google: defaultFrameworkVersion, v2FrameworkVersion. */
const VERSIONS = { first: "1.4.1", second: "2.0.0" } as const;

/**
 * Puts the framework's jar and what starts it into a layer, or uses the previous image's layer again; resolves with the
 * command that starts it.
 */
export async function installFramework(context: BuildContext, own: Invoker | undefined): Promise<string[]> {
  const { version, sha256, file } = own ?? providedInvoker(context);
  const layer = context.layer(FRAMEWORK_LAYER);
  const java = findJava(context);
  const isArchived = canArchive(context, java);
  const jar = join(layer.path, `${FRAMEWORK_LAYER}.jar`);
  const metadata = { sha256, version, archive: isArchived ? java.build : "" };
  if (Object.entries(metadata).every(([key, value]) => layer.previous[key] === value)) {
    context.log(`***** CACHE HIT: "${FRAMEWORK_LAYER}"`);
  } else {
    context.log(`***** CACHE MISS: "${FRAMEWORK_LAYER}"`);
    layer.clear();
    copyFileSync(file!, jar);
    if (isArchived) {
      await archiveClasses(context, jar, java);
      writeLauncher(layer.path, jar, java);
    }
  }
  layer.save(["launch"], metadata);
  const label = { runtime: "java", version, injected: own === undefined };
  context.addLabel("functions-framework-version", JSON.stringify(label));
  return isArchived ? [launcherIn(layer.path)] : ["java", "-jar", jar];
}

/** The jar as an invoker if it is one. */
export function readInvoker(jar: string): Invoker | undefined {
  if (!existsSync(jar) || manifestValue(jar, "Main-Class") !== INVOKER_MAIN) return undefined;
  const named = /java-function-invoker-((?:\d+\.)*\d+)/.exec(basename(jar))?.[1];
  const version = manifestValue(jar, "Implementation-Version") ?? named ?? "unknown";
  return { version, sha256: createHash("sha256").update(readFileSync(jar)).digest("hex"), file: jar };
}

function providedInvoker(context: BuildContext): Invoker {
  const version = isTrue(context.env[javaVariables.secondFramework]) ? VERSIONS.second : VERSIONS.first;
  context.warn(`Failed to find vendored functions-framework dependency. Installing version ${version}.`);
  const file = join(FOLDER, `java-function-invoker-${version}.jar`);
  const invoker = readInvoker(file);
  if (!invoker) throw internalError(`fetching functions framework jar: the build image has no ${file}`);
  return { ...invoker, version };
}
