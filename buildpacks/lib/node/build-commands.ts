import { hasScript, type PackageJson } from "./package-json.ts";

export interface BuildCommands {
  /** Commands to run one after the other, each as words. */
  readonly commands: readonly (readonly string[])[];
  /** False when it is only the default: the "build" script. */
  readonly isCustom: boolean;
}

export const RUN_SCRIPTS = "GOOGLE_NODE_RUN_SCRIPTS";

/**
 * Which scripts a build runs: GOOGLE_NODE_RUN_SCRIPTS, else "gcp-build", else "build". A variable or script that is
 * there but empty means none. Google: buildpacks, pkg/nodejs/npm.go, DetermineBuildCommands.
 */
export function determineBuildCommands(
  packageJson: PackageJson | undefined,
  env: Readonly<Record<string, string>>,
  tool: "bun" | "npm" | "pnpm",
): BuildCommands {
  const run = (script: string): string[] => [tool, "run", script.trim()];
  const wanted = env[RUN_SCRIPTS];
  if (wanted !== undefined) {
    return { commands: wanted.trim() === "" ? [] : wanted.split(",").map(run), isCustom: true };
  }
  for (const script of ["gcp-build", "build"]) {
    if (!hasScript(packageJson, script)) continue;
    const isEmpty = packageJson?.scripts?.[script]?.trim() === "";
    return { commands: isEmpty ? [] : [run(script)], isCustom: script === "gcp-build" };
  }
  return { commands: [], isCustom: false };
}
