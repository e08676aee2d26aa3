import { globSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "../context.ts";
import { userError } from "../error.ts";
import { javaVariables } from "./variables.ts";
import { readZip, settleZipTimes } from "./zip.ts";

/** Path of the manifest in a jar, and in an application that is an unpacked jar. */
export const MANIFEST = "META-INF/MANIFEST.MF";
const MAIN_CLASS = "Main-Class";
/** Where executable jars are looked for; the first folder with one counts. Google: buildpacks, pkg/java, jarPaths. */
const JAR_FOLDERS = ["target", "build", "build/libs", "*/build/libs", ""];

/** What a jar's manifest says under a key, up to the first space; undefined when it has no such entry. */
export function manifestValue(jar: string, key: string): string | undefined {
  const manifest = readZip(jar).find(({ name }) => name === MANIFEST);
  return manifest && valueIn(manifest.read().toString("utf8"), key);
}

/** The main class that a manifest names. */
export function mainClassOf(manifest: string): string {
  const main = valueIn(manifest, MAIN_CLASS);
  if (main === undefined) throw userError(`no Main-Class manifest entry found in the manifest:\n${manifest}`);
  return main;
}

/** Whether a jar holds a class; nested classes may be named with dots, as the Functions Framework allows. */
export function hasClass(jar: string, name: string): boolean {
  const names = new Set(readZip(jar).map((entry) => entry.name));
  for (let binary = name; ;) {
    if (names.has(`${binary.replaceAll(".", "/")}.class`)) return true;
    const dot = binary.lastIndexOf(".");
    if (dot < 0) return false;
    binary = `${binary.slice(0, dot)}$${binary.slice(dot + 1)}`;
  }
}

/** The one jar that can be started. Google: buildpacks, pkg/java, ExecutableJar. */
export function executableJar(context: BuildContext): string {
  const buildable = context.env[javaVariables.buildable];
  const folders = buildable ? [join(buildable, "target"), buildable, ...JAR_FOLDERS] : JAR_FOLDERS;
  for (const folder of folders) {
    const [jar, ...others] = jarsIn(context.appDir, folder).filter((file) => isExecutable(context, file));
    if (others.length > 0) {
      throw userError(
        `found more than one jar with a Main-Class manifest entry in [${folder.replaceAll("/", " ")}]: [${[jar, ...others].join(" ")}], please specify an entrypoint`,
      );
    }
    if (jar !== undefined) return jar;
  }
  throw userError("did not find any jar files with a Main-Class manifest entry");
}

/** Gives what a build tool has packed the same bytes whenever it was packed, as far as only times differ. */
export function settleJarTimes(context: BuildContext): void {
  const folders = [context.env[javaVariables.buildable] ?? "", ""].flatMap((module) => [
    join(module, "target"),
    join(module, "build/libs"),
  ]);
  const jars = [...folders, "*/build/libs"].flatMap((folder) => jarsIn(context.appDir, folder));
  for (const jar of new Set(jars)) settleTimes(context, jar);
}

function settleTimes(context: BuildContext, jar: string): void {
  try {
    settleZipTimes(jar);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    context.warn(`Failed to settle the times in ${jar}: ${error.message}.`);
  }
}

function jarsIn(appDir: string, folder: string): string[] {
  return globSync(join(folder, "*.jar"), { cwd: appDir })
    .sort()
    .map((path) => join(appDir, path));
}

function isExecutable(context: BuildContext, jar: string): boolean {
  try {
    return manifestValue(jar, MAIN_CLASS) !== undefined;
  } catch (error) {
    context.warn(`Failed to inspect ${jar}, skipping: ${(error as Error).message}.`);
    return false;
  }
}

function valueIn(manifest: string, key: string): string | undefined {
  // Lines of more than 72 bytes go on in the next one, after a space.
  return new RegExp(`^${key}: (\\S+)`, "m").exec(manifest.replaceAll(/\r?\n /g, ""))?.[1];
}
