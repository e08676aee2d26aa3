import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { BuildpackError, internalError } from "../lib/error.ts";
import { type Framework, readFramework } from "../lib/node/framework.ts";
import { nodeVersion } from "../lib/node/node-version.ts";
import { isTrue } from "../lib/node/package-json.ts";

const LAYER = "functions-framework";
const FILES = ["package.json", "package-lock.json"];

/** Puts the Functions Framework into a layer for functions that do not list it, or uses the previous build's layer. */
export async function installFramework(context: BuildContext): Promise<{ modules: string; framework: Framework }> {
  const layer = context.layer(LAYER);
  const hash = await frameworkHash(context);
  const modules = join(layer.path, "node_modules");
  const { dependency_hash, version, main } = layer.previous as Readonly<Record<string, string | undefined>>;
  if (dependency_hash === hash && version && main) {
    context.log(`***** CACHE HIT: "${LAYER}"`);
    layer.save(["launch"], { dependency_hash, version, main });
    return { modules, framework: { version, main } };
  }
  context.log(`***** CACHE MISS: "${LAYER}"`);
  layer.clear();
  for (const file of FILES) copyFileSync(join(context.buildpackDir, "framework", file), join(layer.path, file));
  await install(context, layer.path);
  const framework = readFramework(modules);
  if (!framework) throw internalError("installing functions-framework: npm did not install it");
  layer.save(["launch"], { dependency_hash: hash, version: framework.version, main: framework.main });
  return { modules, framework };
}

async function install(context: BuildContext, folder: string): Promise<void> {
  const command = [
    "npm",
    "ci",
    "--quiet",
    "--no-fund",
    "--no-audit",
    "--prefer-offline",
    "--omit=dev",
    "--prefix",
    folder,
  ];
  try {
    // Not in the application's folder, whose .npmrc is about the application's packages.
    await context.exec(command, { user: true, cwd: folder });
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    const advice = isTrue(context.env["GOOGLE_VENDOR_NPM_DEPENDENCIES"])
      ? "Vendored dependencies detected, please make sure you have functions-framework installed locally to avoid the installation error by following: https://github.com/GoogleCloudPlatform/functions-framework-nodejs#installation. "
      : "";
    throw new BuildpackError(`${advice}installing functions-framework: ${error.message}`, error.status, command);
  }
}

async function frameworkHash(context: BuildContext): Promise<string> {
  const hash = createHash("sha256").update(`${context.buildpackId}@${context.buildpackVersion}`);
  hash.update(await nodeVersion(context));
  for (const file of FILES) hash.update(readFileSync(join(context.buildpackDir, "framework", file)));
  return hash.digest("hex");
}
