import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DetectContext } from "../context.ts";
import { internalError } from "../error.ts";

/** The Java of the build image. */
export interface JavaInstallation {
  /** JAVA_HOME. */
  readonly home: string;
  /** The version, for example 21.0.9. */
  readonly version: string;
  /** The version with its build, for example 21.0.9+10-Debian-1. */
  readonly build: string;
}

/** Finds the Java on the PATH by its own records, without starting it. */
export function findJava({ env }: Pick<DetectContext, "env">): JavaInstallation {
  const programs = (env["PATH"] ?? "").split(":").map((folder) => join(folder, "java"));
  const program = programs.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const home = program === undefined ? "" : dirname(dirname(realpathSync(program)));
  const record = join(home, "release");
  if (!existsSync(record)) throw internalError("the build image has no Java; choose a base image of a Java runtime");
  const release = readFileSync(record, "utf8");
  const value = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(release)?.[1] ?? "";
  const version = value("JAVA_VERSION");
  return { home, version, build: value("JAVA_RUNTIME_VERSION") || version };
}
