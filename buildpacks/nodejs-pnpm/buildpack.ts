import { globSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { installAndBuild } from "../lib/node/install-and-build.ts";
import { readPackageJson } from "../lib/node/package-json.ts";
import { provideTool, requestedToolVersion } from "../lib/node/tool-version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.nodejs.pnpm: installs what package.json lists with pnpm, and runs the project's build scripts. */
export const run: Program = buildpackProgram({ detect, build });

const NO_VERIFY = "PNPM_CONFIG_VERIFY_DEPS_BEFORE_RUN";
const LOCKFILE = "pnpm-lock.yaml";
const WORKSPACE = "pnpm-workspace.yaml";

function detect(context: DetectContext): Detected {
  if (!context.fileExists("package.json")) return optOut("package.json not found");
  if (context.fileExists(LOCKFILE)) return optIn("found pnpm-lock.yaml and package.json");
  if (context.env["GOOGLE_PACKAGE_MANAGER"]?.toLowerCase() === "pnpm") {
    return optIn("package.json found and GOOGLE_PACKAGE_MANAGER=pnpm");
  }
  return optOut("pnpm-lock.yaml not found and GOOGLE_PACKAGE_MANAGER is not set to pnpm");
}

async function build(context: BuildContext): Promise<void> {
  context.env[NO_VERIFY] = "false";
  const packageJson = readPackageJson(context);
  const version = requestedToolVersion(packageJson, "pnpm");
  const launch = context.env["GOOGLE_FUNCTION_TARGET"] === undefined;
  await provideTool(context, { name: "pnpm", layer: "pnpm_engine", version, launch });
  const pnpm = (args: string[], env: Record<string, string> = {}) =>
    context.exec(["pnpm", ...args], { env: { CI: "true", ...env }, user: true });
  await installAndBuild(context, packageJson, {
    name: "pnpm",
    layer: "pnpm_modules",
    files: ["package.json", LOCKFILE, ".npmrc", WORKSPACE, ".pnpmfile.cjs"],
    isWorkspace: /^packages:/m.test(context.readFile(WORKSPACE) ?? ""),
    // Since version 10, pnpm no longer leaves out devDependencies because of NODE_ENV.
    install: (env) => pnpm(["install", ...(env === "production" ? ["--prod"] : [])], { NODE_ENV: env }),
    prune: () => pnpm(["prune", "--prod"]),
    tidy: () => removeTimestamps(context),
  });
  context.addWebProcess({ command: ["pnpm", "run", "start"] });
}

/** pnpm writes down when it ran; the same project must give the same layer. */
function removeTimestamps(context: BuildContext): void {
  for (const path of globSync("node_modules/{.modules.yaml,.pnpm-workspace-state*.json}", { cwd: context.appDir })) {
    rmSync(join(context.appDir, path));
  }
}
