import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../context.ts";
import type { ExecResult } from "../exec.ts";
import { javaVariables } from "./variables.ts";

/** A short run gains from neither a compiler that optimises nor a collector with threads of its own. */
const SHORT_RUN = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
/** Builds of a project share the local repository. Maven Resolver: "Named Locks". */
const SHARED_REPOSITORY = [
  "-Daether.syncContext.named.factory=file-lock",
  "-Daether.syncContext.named.nameMapper=file-gav",
];
/** Plug-ins that heed it give their archives this time. Maven: "Configuring for Reproducible Builds". */
const FIXED_TIME = "-Dproject.build.outputTimestamp=1980-01-01T00:00:02Z";

/** The project's POM: that of the module that GOOGLE_BUILDABLE names, else that of the root. */
export function pomFile({ env, fileExists }: Pick<DetectContext, "env" | "fileExists">): string | undefined {
  const path = join(env[javaVariables.buildable] ?? "", "pom.xml");
  return fileExists(path) ? path : undefined;
}

/** The program that runs Maven: the project's own wrapper where it has one. */
export function mavenProgram(context: BuildContext): string {
  if (!context.fileExists("mvnw")) return "mvn";
  removeCarriageReturns(join(context.appDir, "mvnw"));
  return "./mvnw";
}

/** Runs Maven as the user's part of the build. */
export function runMaven(
  context: BuildContext,
  args: readonly string[],
  program = mavenProgram(context),
): Promise<ExecResult> {
  return context.exec([program, ...args], { user: true });
}

/** Lets this and later buildpacks run Maven with options that suit builds. */
export function setMavenOptions(context: BuildContext): void {
  const pom = context.readFile(pomFile(context) ?? "pom.xml") ?? "";
  // Not where the project decides for itself: what is set here would win.
  const time = pom.includes("outputTimestamp") ? [] : [FIXED_TIME];
  // A JVM takes the home folder of the user's account, whatever HOME says.
  const home = context.env["HOME"] ? [`-Duser.home=${context.env["HOME"]}`] : [];
  const own = context.env["MAVEN_OPTS"] ?? "";
  const options = [...SHORT_RUN, ...SHARED_REPOSITORY, ...home, ...time, own].join(" ").trim();
  context.env["MAVEN_OPTS"] = options;
  const layer = context.layer("env");
  layer.setEnv("build", "MAVEN_OPTS", options);
  layer.save(["build"]);
}

/** A script's first line would name an interpreter with a carriage return. Google: pkg/fileutil, EnsureUnixLineEndings. */
export function removeCarriageReturns(file: string): void {
  const text = readFileSync(file, "utf8");
  if (text.includes("\r\n")) writeFileSync(file, text.replaceAll("\r\n", "\n"));
}
