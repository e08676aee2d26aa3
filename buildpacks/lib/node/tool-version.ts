import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildContext } from "../context.ts";
import { userError } from "../error.ts";
import { maxSatisfying, parseVersion, satisfies } from "../semver.ts";
import type { PackageJson } from "./package-json.ts";

/** The Bun of projects that ask for none. Google: buildpacks, pkg/tooling/tooling_versions.bzl. */
export const DEFAULT_BUN = "1.4.0";

/** The version of a package manager that the project asks for, exact or a range; undefined when it asks for none. */
export function requestedToolVersion(
  packageJson: PackageJson | undefined,
  tool: "bun" | "pnpm" | "yarn",
): string | undefined {
  const engine = packageJson?.engines?.[tool];
  if (engine) return engine;
  const manager = packageJson?.packageManager;
  if (!manager) return undefined;
  const [name, version, ...rest] = manager.split("@");
  if (!version || rest.length > 0) throw userError("parsing packageManager package.json field");
  if (name !== tool)
    throw userError(`${tool} was detected but ${name} is set in the packageManager package.json field.`);
  // Corepack allows the hash of the package behind a plus sign.
  return version.split("+")[0]!;
}

/** The newest published version of a package within a range; an exact version is returned without a look-up. */
export async function resolvePackageVersion(
  context: BuildContext,
  packageName: string,
  range: string,
): Promise<string> {
  if (parseVersion(range)) return range;
  const { stdout } = await context.exec(["npm", "view", packageName, "versions", "--json"]);
  const versions = JSON.parse(stdout) as string[];
  const found = maxSatisfying(versions, range);
  if (found === undefined) throw userError(`finding ${packageName} version that matched "${range}"`);
  return found;
}

export interface Tool {
  readonly name: "bun" | "npm" | "pnpm" | "yarn";
  /** Name of the layer, as Google's buildpacks have it. */
  readonly layer: string;
  /** Exact version or range; undefined takes what the build image has. */
  readonly version: string | undefined;
  /** Whether the running application needs the tool. */
  readonly launch: boolean;
}

/**
 * Makes a package manager available: the build image's own when it fits and the application does not need it at run
 * time, otherwise one installed from the npm registry into a layer, which then comes first on the PATH.
 */
export async function provideTool(context: BuildContext, tool: Tool): Promise<void> {
  const installed = await installedVersion(context, tool.name);
  const fits = installed !== undefined && satisfies(installed, tool.version ?? "*");
  if (fits && !tool.launch) return;
  const layer = context.layer(tool.layer);
  const range = tool.version ?? installed ?? "*";
  const packageName = packageOf(tool.name, range);
  const version = fits ? installed : await resolvePackageVersion(context, packageName, range);
  const types = tool.launch ? (["build", "cache", "launch"] as const) : (["build", "cache"] as const);
  if (layer.previous["version"] === version) {
    context.log(`***** CACHE HIT: "${tool.layer}"`);
  } else {
    context.log(`***** CACHE MISS: "${tool.layer}"`);
    context.log(`Installing ${tool.name} v${version}`);
    layer.clear();
    const spec = `${packageName}@${version}`;
    await context.exec(["npm", "install", "--global", "--no-audit", "--no-fund", `--prefix=${layer.path}`, spec], {
      user: true,
    });
  }
  layer.save(types, { version });
  context.env["PATH"] = `${layer.path}/bin:${context.env["PATH"] ?? ""}`;
}

/** Yarn 2 and later are published under another name. */
function packageOf(tool: Tool["name"], range: string): string {
  if (tool !== "yarn") return tool;
  return /^[\^~>=v\s]*[2-9]/.test(range) ? "@yarnpkg/cli-dist" : "yarn";
}

async function installedVersion(context: BuildContext, tool: Tool["name"]): Promise<string | undefined> {
  const known = versionOfProgram(context.env["PATH"], tool);
  if (known !== undefined) return known;
  try {
    const { stdout } = await context.exec([tool, "--version"], { env: { YARN_IGNORE_PATH: "1" }, cwd: "/" });
    return parseVersion(stdout) ? stdout : undefined;
  } catch {
    return undefined;
  }
}

/** The version of the package that a program on the PATH belongs to; asking the program itself takes much longer. */
function versionOfProgram(path: string | undefined, tool: string): string | undefined {
  const folder = path?.split(":").find((candidate) => candidate !== "" && existsSync(join(candidate, tool)));
  if (folder === undefined) return undefined;
  const packageJson = join(dirname(dirname(realpathSync(join(folder, tool)))), "package.json");
  if (!existsSync(packageJson)) return undefined;
  const { name, version } = JSON.parse(readFileSync(packageJson, "utf8")) as { name?: string; version?: string };
  return name === tool && version !== undefined && parseVersion(version) ? version : undefined;
}
