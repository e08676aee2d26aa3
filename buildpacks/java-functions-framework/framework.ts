import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { internalError } from "../lib/error.ts";
import { manifestValue } from "../lib/java/jar.ts";
import { isTrue, javaVariables } from "../lib/java/variables.ts";
import { FRAMEWORK_LAYER, INVOKER_MAIN, type Invoker } from "./function.ts";

/** Where the build image has the framework. */
const FOLDER = "/usr/local/share/java";
/** Versions for functions that bring none. Google: defaultFrameworkVersion, v2FrameworkVersion. */
const VERSIONS = { first: "1.4.1", second: "2.0.0" } as const;

/** Puts the framework's jar into a layer, or uses the previous image's layer again; resolves with the jar's path. */
export function installFramework(context: BuildContext, own: Invoker | undefined): string {
  const { version, sha256, file } = own ?? providedInvoker(context);
  const layer = context.layer(FRAMEWORK_LAYER);
  const jar = join(layer.path, `${FRAMEWORK_LAYER}.jar`);
  if (layer.previous["sha256"] === sha256) {
    context.log(`***** CACHE HIT: "${FRAMEWORK_LAYER}"`);
  } else {
    context.log(`***** CACHE MISS: "${FRAMEWORK_LAYER}"`);
    layer.clear();
    copyFileSync(file!, jar);
  }
  layer.save(["launch"], { sha256, version });
  const label = { runtime: "java", version, injected: own === undefined };
  context.addLabel("functions-framework-version", JSON.stringify(label));
  return jar;
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
