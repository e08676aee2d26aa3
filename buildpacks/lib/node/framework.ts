import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const FRAMEWORK = "@google-cloud/functions-framework";

/** An installed Functions Framework. */
export interface Framework {
  readonly version: string;
  /** The file that starts it, relative to its package. */
  readonly main: string;
}

/** Variables that tell later buildpacks about the framework among the application's dependencies. */
export const frameworkEnv = { version: "FUNCTIONS_FRAMEWORK_VERSION", main: "FUNCTIONS_FRAMEWORK_MAIN" } as const;

/** Reads what is installed in a node_modules folder; undefined when the framework is not there. */
export function readFramework(modules: string): Framework | undefined {
  const file = join(modules, FRAMEWORK, "package.json");
  if (!existsSync(file)) return undefined;
  const { version, bin } = JSON.parse(readFileSync(file, "utf8")) as { version?: string; bin?: Record<string, string> };
  const main = bin?.["functions-framework"];
  return version && main ? { version, main } : undefined;
}
