import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../context.ts";
import { userError } from "../error.ts";
import { parseVersion, satisfies } from "../semver.ts";

/** A version, exact or with wildcards, and where it was written down. */
export interface RequestedVersion {
  readonly version: string;
  readonly source: "GOOGLE_PYTHON_VERSION" | "GOOGLE_RUNTIME_VERSION" | ".python-version" | "GOOGLE_RUNTIME";
}

const VERSION_FILE = ".python-version";

/** The version that the user asks for. Google: buildpacks, pkg/python/python.go, RuntimeVersion. */
export function requestedVersion({ env, appDir }: Pick<DetectContext, "env" | "appDir">): RequestedVersion | undefined {
  for (const source of ["GOOGLE_PYTHON_VERSION", "GOOGLE_RUNTIME_VERSION"] as const) {
    const version = env[source];
    if (version) return { version, source };
  }
  const file = join(appDir, VERSION_FILE);
  if (existsSync(file)) {
    const version = readFileSync(file, "utf8").trim();
    if (!version) throw userError(`${file} exists but does not specify a version`);
    return { version, source: VERSION_FILE };
  }
  const [, major, minor] = /^python(\d)(\d+)$/.exec(env["GOOGLE_RUNTIME"] ?? "") ?? [];
  return major === undefined ? undefined : { version: `${major}.${minor}.*`, source: "GOOGLE_RUNTIME" };
}

/** Whether the version that is asked for is at least this one; false when none is asked for. */
export function isAtLeast(context: Pick<DetectContext, "env" | "appDir">, minimum: string): boolean {
  const { version } = requestedVersion(context) ?? {};
  if (version === undefined) return false;
  const [major = "0", minor = "0", patch = "0"] = version.replaceAll("*", "0").split(".");
  const full = [major, minor, patch].join(".");
  return parseVersion(full) !== undefined && satisfies(full, `>=${minimum}`);
}

/** The version of the Python on the PATH, for example "3.13.5". */
export async function pythonVersion(context: BuildContext): Promise<string> {
  // Not in the application's folder, whose files could stand for modules.
  const { stdout } = await context.exec(["python3", "--version"], { cwd: "/" });
  return stdout.replace(/^Python /, "");
}
