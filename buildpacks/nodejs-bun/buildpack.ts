import type { BuildContext, DetectContext } from "../lib/context.ts";
import { installAndBuild } from "../lib/node/install-and-build.ts";
import { provideNpm } from "../lib/node/npm.ts";
import { readPackageJson } from "../lib/node/package-json.ts";
import { DEFAULT_BUN, provideTool, requestedToolVersion } from "../lib/node/tool-version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";

/** google.nodejs.bun: installs what package.json lists with Bun, and runs the project's build scripts; Node.js serves. */
export const run: Program = buildpackProgram({ detect, build });

const LOCKFILES = ["bun.lockb", "bun.lock"];

function detect(context: DetectContext): Detected {
  if (!context.fileExists("package.json")) return optOut("package.json not found");
  const lockfile = LOCKFILES.find((name) => context.fileExists(name));
  if (lockfile !== undefined) return optIn(`found ${lockfile}`);
  if (context.env["GOOGLE_PACKAGE_MANAGER"]?.toLowerCase() === "bun") {
    return optIn("package.json found and GOOGLE_PACKAGE_MANAGER=bun");
  }
  return optOut("bun.lockb or bun.lock not found");
}

async function build(context: BuildContext): Promise<void> {
  const packageJson = readPackageJson(context);
  const version = requestedToolVersion(packageJson, "bun") ?? DEFAULT_BUN;
  await provideTool(context, { name: "bun", layer: "bun", version, launch: false });
  await provideNpm(context, packageJson);
  await installAndBuild(context, packageJson, {
    name: "bun",
    layer: "bun_modules",
    files: ["package.json", ...LOCKFILES, ".npmrc", "bunfig.toml"],
    isWorkspace: false,
    install: (env) => install(context, env),
    prune: () => {
      context.log("Pruning DevDependencies.");
      return context.exec(["bun", "install", "--frozen-lockfile", "--production"], { user: true });
    },
  });
  context.addWebProcess({ command: ["npm", "run", "start"] });
}

async function install(context: BuildContext, env: string): Promise<void> {
  const isLocked = LOCKFILES.some((name) => context.fileExists(name));
  context.log(
    isLocked
      ? "Lockfile (bun.lockb or bun.lock) found. Installing dependencies with Bun using --frozen-lockfile."
      : "Installing application dependencies with Bun (no lockfile found or dev sync enabled).",
  );
  const command = ["bun", "install", ...(isLocked ? ["--frozen-lockfile"] : [])];
  await context.exec(command, { env: { NODE_ENV: env }, user: true });
}
