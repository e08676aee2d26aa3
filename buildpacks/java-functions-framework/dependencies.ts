import { createHash } from "node:crypto";
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { findJava } from "../lib/java/java-version.ts";
import { javaVariables } from "../lib/java/variables.ts";

/** A dependency that Maven has resolved. */
export interface Dependency {
  readonly groupId: string;
  readonly artifactId: string;
  readonly type: string;
  readonly classifier?: string;
  readonly version: string;
  readonly scope: string;
  readonly file: string;
}

/** Scopes of what a program needs to run. Maven: "Introduction to the Dependency Mechanism". */
const RUNTIME_SCOPES: ReadonlySet<string> = new Set(["compile", "runtime"]);
/** Project files that decide what is resolved. */
const FILES = ["**/pom.xml", ".mvn/**"];

/** Reads the list that Maven's dependency plug-in writes: GROUP:ARTIFACT:TYPE[:CLASSIFIER]:VERSION:SCOPE:FILE. */
export function parseDependencyList(text: string): Dependency[] {
  return text.split("\n").flatMap((line) => {
    const fields = /^\s+([^\s:]+(?::[^\s:]+){4,5}):(\/.*?)(?: \(optional\))?(?: -- module .*)?\s*$/.exec(line);
    if (!fields) return [];
    const [groupId = "", artifactId = "", type = "", ...rest] = fields[1]!.split(":");
    const [scope = "", version = "", classifier] = rest.reverse();
    const named = { groupId, artifactId, type, version, scope, file: fields[2]! };
    return [classifier === undefined ? named : { ...named, classifier }];
  });
}

/** Puts what the function needs to run into a layer, if dependencies are given, and a link to it into the application. */
export function layDependencies(
  context: BuildContext,
  folder: string,
  layer: string,
  dependencies?: readonly Dependency[],
): void {
  for (const dependency of dependencies ?? []) {
    if (RUNTIME_SCOPES.has(dependency.scope)) copyFileSync(dependency.file, join(layer, nameOf(dependency)));
  }
  const link = join(context.appDir, folder);
  rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(layer, link);
}

/** Names as Maven's copy-dependencies gives with mdep.prependGroupId. */
function nameOf({ groupId, artifactId, version, classifier, type }: Dependency): string {
  const ending = ["jar", "test-jar", "maven-plugin", "bundle"].includes(type) ? "jar" : type;
  return `${groupId}.${artifactId}-${version}${classifier === undefined ? "" : `-${classifier}`}.${ending}`;
}

/** A hash of everything in the project and the build's settings that decides what is resolved. */
export function dependenciesHash(context: BuildContext): string {
  const hash = createHash("sha256");
  const add = (content: string | Buffer): void => void hash.update(`${content.length}:`).update(content);
  const { env } = context;
  const settings = [
    env[javaVariables.buildArgs],
    env[javaVariables.mavenBuildArgs],
    env["MAVEN_OPTS"],
    env["MAVEN_ARGS"],
    env["X_GOOGLE_SKIP_RUNTIME_LAUNCH"],
  ];
  for (const text of [context.buildpackId, context.buildpackVersion, findJava(context).build, ...settings])
    add(text ?? "-");
  for (const path of FILES.flatMap((glob) => globSync(glob, { cwd: context.appDir })).sort()) {
    const file = join(context.appDir, path);
    if (path.startsWith("target/") || !statSync(file).isFile()) continue;
    add(path);
    add(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Whether the same project resolves to the same files next time: no snapshots, nothing from the project itself. */
export function isPinned({ appDir }: Pick<BuildContext, "appDir">, dependencies: readonly Dependency[]): boolean {
  return dependencies.every(
    ({ version, file }) =>
      !/-SNAPSHOT$|-\d{8}\.\d{6}-\d+$/.test(version) && !file.startsWith(`${appDir}/`) && existsSync(file),
  );
}
