import { createHash } from "node:crypto";
import { join } from "node:path";
import type { BuildContext, DetectContext, Process } from "../lib/context.ts";
import { BuildpackError, userError } from "../lib/error.ts";
import { FRAMEWORK, type Framework, frameworkEnv, readFramework } from "../lib/node/framework.ts";
import { nodeVersion } from "../lib/node/node-version.ts";
import { isTrue, type PackageJson, readPackageJson } from "../lib/node/package-json.ts";
import { usesPlugAndPlay } from "../lib/node/yarn.ts";
import type { EnvChange } from "../lib/layer.ts";
import { buildpackProgram, type Detected, optIn, optOut, type Program } from "../lib/program.ts";
import { satisfies } from "../lib/semver.ts";
import { installFramework } from "./install-framework.ts";

/** google.nodejs.functions-framework: makes the application a function that the Functions Framework serves. */
export const run: Program = buildpackProgram({ detect, build });

const TARGET = "GOOGLE_FUNCTION_TARGET";
const SKIP_INJECTION = "GOOGLE_SKIP_FRAMEWORK_INJECTION";
/** The layer with the variables that the function starts with. */
const LAYER = "function";
const CHECKED = "checked_syntax";
/** Memory that is not for JavaScript objects. Google: buildpacks, nodejs/functions_framework, nodeJSHeadroomMB. */
const HEADROOM_MB = 64;
const HEAP_PERCENTAGE = 80;
const KNOWS_PERCENTAGE = "^22.21.0 || >=24.6.0";

interface Started {
  readonly process: Process;
  readonly version: string;
  readonly injected: boolean;
}

function detect(context: DetectContext): Detected {
  const target = context.env[TARGET];
  return target === undefined ? optOut(`${TARGET} not set`) : optIn(`${TARGET} set to "${target}"`);
}

async function build(context: BuildContext): Promise<void> {
  context.isRepeatable();
  if (context.env["GOOGLE_FUNCTION_SOURCE"] !== undefined) {
    throw userError("GOOGLE_FUNCTION_SOURCE is not currently supported for Node.js buildpacks");
  }
  if (!context.env[TARGET]) throw userError(`required env var ${TARGET} has an empty value`);
  const packageJson = readPackageJson(context);
  const file = functionFile(context, packageJson);
  if (!context.fileExists(file)) throw userError(`${file} does not exist`);
  const hasDependency = packageJson?.dependencies?.[FRAMEWORK] !== undefined;
  const plugAndPlay = await usesPlugAndPlay(context);
  if (!hasDependency) refuseInjection(context, plugAndPlay);
  const checked = await checkSyntax(context, file, packageJson?.type, plugAndPlay);
  const started = await frameworkToStart(context, hasDependency, plugAndPlay);
  const { version, injected } = started;
  context.addLabel("functions-framework-version", JSON.stringify({ runtime: "nodejs", version, injected }));
  saveLaunchEnv(context, injected, checked, heapOption(context.env, await nodeVersion(context)));
  context.addWebProcess(started.process);
}

/** Google: Cloud Run functions, "Write functions", directory structure for Node.js. */
function functionFile(context: BuildContext, packageJson: PackageJson | undefined): string {
  if (packageJson?.main) return packageJson.main;
  return context.fileExists("index.js") ? "index.js" : "function.js";
}

function refuseInjection(context: BuildContext, plugAndPlay: boolean): void {
  const refuse = (what: string, tool: string): never => {
    throw userError(
      `This project is using ${what} but you have not included the Functions Framework in your dependencies. Please add it by running: '${tool} add ${FRAMEWORK}'.`,
    );
  };
  const uses = (tool: string, ...lockfiles: string[]): boolean =>
    context.env["GOOGLE_PACKAGE_MANAGER"]?.toLowerCase() === tool || lockfiles.some((name) => context.fileExists(name));
  if (plugAndPlay) refuse("Yarn Plug'n'Play", "yarn");
  if (uses("pnpm", "pnpm-lock.yaml")) refuse("pnpm", "pnpm");
  if (uses("bun", "bun.lock", "bun.lockb")) refuse("bun", "bun");
}

/**
 * Finds what would keep the function from loading, without running it; resolves with what the next build compares so
 * that it need not look at the same file again.
 */
async function checkSyntax(
  context: BuildContext,
  file: string,
  type: string | undefined,
  plugAndPlay: boolean,
): Promise<string> {
  const version = await nodeVersion(context);
  const parts = [version, file, type ?? "", context.readFile(file) ?? ""];
  const checked = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  // node --check reads plain JavaScript only.
  if (context.layer(LAYER).previous[CHECKED] === checked || /\.[cm]?ts$/.test(file)) return checked;
  await context.exec([...(plugAndPlay ? ["yarn"] : []), "node", "--check", file], { user: true });
  return checked;
}

async function frameworkToStart(context: BuildContext, hasDependency: boolean, plugAndPlay: boolean): Promise<Started> {
  if (plugAndPlay) {
    // Only Yarn knows where the modules are.
    return { process: { command: ["yarn", "functions-framework"] }, version: "yarn", injected: false };
  }
  if (hasDependency) {
    context.log("Handling functions with dependency on functions-framework.");
    const modules = join(context.appDir, "node_modules");
    const framework = readFramework(modules) ?? frameworkOfEarlierBuild(context.env);
    if (!framework) throw userError(`${FRAMEWORK} is listed in package.json, but is not installed`);
    return { ...startOf(modules, framework), injected: false };
  }
  context.log("Handling functions without dependency on functions-framework.");
  if (isTrue(context.env[SKIP_INJECTION])) {
    const reason = `Functions Framework must be set as a dependency when skipping automatic framework injection has been enabled via ${SKIP_INJECTION}`;
    throw new BuildpackError(reason, "FAILED_PRECONDITION");
  }
  const { modules, framework } = await installFramework(context);
  return { ...startOf(modules, framework), injected: true };
}

function frameworkOfEarlierBuild(env: Readonly<Record<string, string>>): Framework | undefined {
  const [version, main] = [env[frameworkEnv.version], env[frameworkEnv.main]];
  return version && main ? { version, main } : undefined;
}

/** Starting the file itself instead of the command in .bin saves a process that would look for node. */
function startOf(modules: string, { version, main }: Framework): Omit<Started, "injected"> {
  return { process: { command: ["node", join(modules, FRAMEWORK, main)] }, version };
}

function saveLaunchEnv(
  context: BuildContext,
  injected: boolean,
  checked: string,
  heap: { readonly option: string; readonly change: EnvChange } | undefined,
): void {
  const { env } = context;
  const layer = context.layer(LAYER);
  const setDefault = (name: string, value: string | undefined): void => {
    if (value !== undefined) layer.setEnv("launch", name, value, { action: "default" });
  };
  setDefault("FUNCTION_TARGET", env[TARGET]);
  setDefault("FUNCTION_SIGNATURE_TYPE", env["GOOGLE_FUNCTION_SIGNATURE_TYPE"]);
  if (injected) {
    // The framework lies elsewhere, but shall find the function's packages.
    const modules = join(context.appDir, "node_modules");
    layer.setEnv("launch", "NODE_PATH", modules, { action: "prepend", delimiter: ":" });
  }
  if (heap) layer.setEnv("launch", "NODE_OPTIONS", heap.option, heap.change);
  layer.save(["launch"], { [CHECKED]: checked });
}

/**
 * How much of the memory is for JavaScript objects: what a hint leaves, else the share that Google's buildpack works out
 * when the container starts (nodejs/runtime, heapsize.sh), where Node.js can work it out by itself.
 */
function heapOption(
  env: Readonly<Record<string, string>>,
  version: string,
): { readonly option: string; readonly change: EnvChange } | undefined {
  const megabytes = maxOldSpaceMegabytes(env["GOOGLE_CONTAINER_MEMORY_HINT_MB"]);
  if (megabytes > 0) {
    return { option: `--max-old-space-size=${megabytes}`, change: { action: "prepend", delimiter: " " } };
  }
  if (!satisfies(version, KNOWS_PERCENTAGE)) return undefined;
  // It would win over a size that the user gives.
  return { option: `--max-old-space-size-percentage=${HEAP_PERCENTAGE}`, change: { action: "default" } };
}

function maxOldSpaceMegabytes(hint: string | undefined): number {
  if (!hint) return 0;
  const total = Number(hint);
  if (!Number.isInteger(total)) throw userError(`failed to parse the memory hint "${hint}"`);
  return Math.max(0, total - HEADROOM_MB);
}
