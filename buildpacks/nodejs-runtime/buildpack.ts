import { existsSync, globSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildContext, DetectContext } from "../lib/context.ts";
import { findNode, nodeVersion } from "../lib/node/node-version.ts";
import { isTrue, readPackageJson } from "../lib/node/package-json.ts";
import { resolvePackageVersion } from "../lib/node/tool-version.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";
import { satisfies } from "../lib/semver.ts";

/** google.nodejs.runtime: makes sure that the application runs on the version of Node.js that it asks for. */
export const run: Program = buildpackProgram({ detect, build });

/** node-gyp's number for the way in which it keeps headers: "installVersion" of its package.json. */
const HEADERS_FORMAT = "11";

interface Request {
  readonly range: string;
  /** Where the range was written down. */
  readonly source: string;
}

function detect(context: DetectContext): Detected {
  const runtime = context.env["GOOGLE_RUNTIME"]?.trim().toLowerCase();
  if (runtime) {
    return runtime.startsWith("nodejs")
      ? optIn('GOOGLE_RUNTIME matches "nodejs"')
      : optOut('GOOGLE_RUNTIME does not match to "nodejs"');
  }
  if (context.fileExists("package.json")) return optIn("found package.json");
  if (globSync("*.js", { cwd: context.appDir }).length > 0) return optIn("found .js files");
  if (globSync("*.ts", { cwd: context.appDir }).length > 0) return optIn("found .ts files");
  return optOut("neither package.json nor any .js files found");
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  const provided = await nodeVersion(context);
  const requested = requestedVersion(context);
  const range = rangeToInstall(context, provided, requested);
  if (range !== undefined) await install(context, range);
  else provideHeaders(context, dirname(dirname(findNode(context.env["PATH"]))), provided);
}

/**
 * Puts the headers that come with Node.js where node-gyp keeps those it has downloaded (its documentation, "Commands",
 * install), so that native modules compile without Node.js's own host.
 */
function provideHeaders(context: BuildContext, prefix: string, version: string): void {
  const include = join(prefix, "include");
  const home = context.env["HOME"];
  if (!home || !existsSync(join(include, "node", "node.h"))) return;
  const folder = join(home, ".cache", "node-gyp", version);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "include"))) symlinkSync(include, join(folder, "include"));
  writeFileSync(join(folder, "installVersion"), HEADERS_FORMAT);
}

/** What the application needs in a layer of its own; undefined when the base image has it. */
function rangeToInstall(context: BuildContext, provided: string, requested: Request | undefined): string | undefined {
  const baseImageHasNode = isTrue(context.env["X_GOOGLE_SKIP_RUNTIME_LAUNCH"]);
  if (!requested) {
    context.log(`Nodejs version not specified, using ${provided}`);
    return baseImageHasNode ? undefined : provided;
  }
  context.log(`Using runtime version from ${requested.source}: ${requested.range}`);
  if (satisfies(provided, requested.range)) {
    if (!baseImageHasNode) return provided;
    context.log(`The base image has Node.js v${provided}, skipping installation.`);
    return undefined;
  }
  if (requested.source === "package.json" && baseImageHasNode && /\d/.test(context.env["GOOGLE_RUNTIME"] ?? "")) {
    // The user chose a runtime; what package.json says is then a matter between npm and the project.
    context.warn(
      `package.json asks for Node.js ${requested.range}, but ${context.env["GOOGLE_RUNTIME"]} has v${provided}`,
    );
    return undefined;
  }
  return requested.range;
}

/** Google: buildpacks, pkg/nodejs/nodejs.go, RequestedNodejsVersion. */
function requestedVersion(context: BuildContext): Request | undefined {
  for (const source of ["GOOGLE_NODEJS_VERSION", "GOOGLE_RUNTIME_VERSION"]) {
    const range = context.env[source];
    if (range) return { range, source };
  }
  const range = readPackageJson(context)?.engines?.["node"];
  return range ? { range, source: "package.json" } : undefined;
}

/** Installs node from the npm package that carries the official binary for this machine. */
async function install(context: BuildContext, range: string): Promise<void> {
  const packageName = `node-${process.platform}-${process.arch}`;
  const version = await resolvePackageVersion(context, packageName, range);
  const layer = context.layer("node");
  if (layer.previous["version"] === version) {
    context.log('***** CACHE HIT: "node"');
  } else {
    context.log('***** CACHE MISS: "node"');
    context.log(`Installing Node.js v${version}.`);
    layer.clear();
    const command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--quiet"];
    const scratch = join(layer.path, "download");
    mkdirSync(scratch);
    await context.exec([...command, `--prefix=${scratch}`, `${packageName}@${version}`], { cwd: scratch });
    const unpacked = join(scratch, "node_modules", packageName);
    for (const name of ["bin", "include"]) renameSync(join(unpacked, name), join(layer.path, name));
    rmSync(scratch, { recursive: true });
  }
  layer.save(["build", "cache", "launch"], { version });
  provideHeaders(context, layer.path, version);
}
