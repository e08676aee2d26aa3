import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { userError } from "../lib/error.ts";
import { dependenciesHash, type Dependency, isPinned, layDependencies, parseDependencyList } from "./dependencies.ts";
import { runMaven } from "../lib/java/maven.ts";
import { readInvoker } from "./framework.ts";
import { type BuiltFunction, FRAMEWORK_LAYER, type Invoker } from "./function.ts";

const LAYER = "dependencies";
const FOLDER = "target/dependency";
/** Written by Maven in each module of the project. */
const LIST = "target/_javaFunctionDependencies.txt";
/** Named with their versions, so that no look-up tells which are the newest. */
const LIST_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:list";
const EVALUATE_GOAL = "org.apache.maven.plugins:maven-help-plugin:3.5.1:evaluate";

const QUIET = ["--batch-mode", "--quiet"];

interface Resolved {
  readonly finalName: string;
  readonly invoker?: Invoker;
}

/**
 * The jar that Maven has built from pom.xml, and what it needs to run in a launch layer. While nothing that decides the
 * latter has changed since the previous build, the previous image's layer is used again and Maven is not asked.
 */
export async function mavenFunction(context: BuildContext): Promise<BuiltFunction> {
  const layer = context.layer(LAYER);
  const hash = dependenciesHash(context);
  const previous = previousResult(context, hash);
  if (!previous) context.log(`***** CACHE MISS: "${LAYER}"`);
  else context.log(`***** CACHE HIT: "${LAYER}"`);
  const { finalName, invoker } = previous ?? (await resolve(context, hash));
  if (previous) layDependencies(context, FOLDER, layer.path);
  const jar = `target/${finalName}.jar`;
  if (!context.fileExists(jar)) throw userError(`expected output jar ${jar} does not exist`);
  return {
    classpath: `${jar}:${FOLDER}/*`,
    jar: join(context.appDir, jar),
    ...(invoker ? { invoker } : {}),
    ...(previous ? { provideDependencies: async () => void (await resolve(context, hash)) } : {}),
  };
}

/** What the previous build found out, if it holds for this one. */
function previousResult(context: BuildContext, hash: string): Resolved | undefined {
  const layer = context.layer(LAYER);
  const { dependency_hash, final_name, invoker_version, invoker_sha256 } = layer.previous as Readonly<
    Record<string, string | undefined>
  >;
  if (dependency_hash !== hash || !final_name) return undefined;
  if (!invoker_version || !invoker_sha256) {
    layer.save(["launch"], { dependency_hash, final_name });
    return { finalName: final_name };
  }
  // The jar itself lies in the framework's layer alone.
  if (context.layer(FRAMEWORK_LAYER).previous["sha256"] !== invoker_sha256) return undefined;
  layer.save(["launch"], { dependency_hash, final_name, invoker_version, invoker_sha256 });
  return { finalName: final_name, invoker: { version: invoker_version, sha256: invoker_sha256 } };
}

async function resolve(context: BuildContext, hash: string): Promise<Resolved> {
  const { finalName, dependencies } = await askMaven(context);
  const layer = context.layer(LAYER);
  layer.clear();
  layDependencies(context, FOLDER, layer.path, dependencies);
  const file = dependencies.find(({ artifactId }) => artifactId === "java-function-invoker")?.file;
  const invoker = file === undefined ? undefined : readInvoker(file);
  layer.save(["launch"], {
    dependency_hash: isPinned(context, dependencies) ? hash : "",
    final_name: finalName,
    ...(invoker ? { invoker_version: invoker.version, invoker_sha256: invoker.sha256 } : {}),
  });
  return { finalName, ...(invoker ? { invoker } : {}) };
}

/** The project's dependencies and the name of its jar. */
async function askMaven(context: BuildContext): Promise<{ finalName: string; dependencies: Dependency[] }> {
  const list = [LIST_GOAL, `-DoutputFile=${LIST}`, "-DoutputAbsoluteArtifactFilename=true"];
  await runMaven(context, [...QUIET, ...list]);
  const file = join(context.appDir, LIST);
  const dependencies = existsSync(file) ? parseDependencyList(readFileSync(file, "utf8")) : [];
  rmSync(file, { force: true });
  return { finalName: onlyJar(context) ?? (await askFinalName(context)), dependencies };
}

/** After a clean build the only jar is the project's own. */
function onlyJar({ appDir }: BuildContext): string | undefined {
  const [name, ...others] = globSync("*.jar", { cwd: join(appDir, "target") });
  return name === undefined || others.length > 0 ? undefined : basename(name, ".jar");
}

async function askFinalName(context: BuildContext): Promise<string> {
  const evaluate = [EVALUATE_GOAL, "-DforceStdout", "-Dexpression=project.build.finalName"];
  const { stdout } = await runMaven(context, [...QUIET, ...evaluate]);
  if (stdout.trim() === "") throw userError("invalid project.build.finalName configured in pom.xml");
  return stdout.trim();
}
