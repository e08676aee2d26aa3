import { createHash } from "node:crypto";
import type { BuildContext } from "../context.ts";
import type { Layer } from "../layer.ts";
import { filesOf } from "./requirement-files.ts";
import { pythonVersion } from "./version.ts";

const HASH = "dependency_hash";
const PYTHON_VERSION = "python_version";

/** An installation of what a project depends on. */
export interface Installation {
  /** Name of the layer. */
  readonly layer: string;
  /** Files and folders that decide what is installed, absolute or in the application; missing ones count as missing. */
  readonly files: readonly string[];
  /** Anything else that decides what is installed. */
  readonly strings: readonly string[];
  /** False when something decides it that cannot be listed. */
  readonly isCacheable?: boolean;
  readonly install: (layer: Layer, python: string) => Promise<void>;
}

/**
 * Installs into a launch layer, or, when nothing that decides its content has changed since the previous build, uses
 * that of the previous image again and installs nothing. Unlike Google's, what is not pinned does not expire: it stays
 * until one of the files changes.
 */
export async function installIntoLayer(context: BuildContext, installation: Installation): Promise<void> {
  const { files, strings, isCacheable = true } = installation;
  const python = await pythonVersion(context);
  const layer = context.layer(installation.layer);
  const hash = isCacheable ? hashOf(context, [python, ...strings], files) : "";
  if (isCacheable && layer.previous[HASH] === hash) {
    context.log(`***** CACHE HIT: "${installation.layer}"`);
    context.log("Application dependencies are up to date, skipping installation.");
  } else {
    context.log(`***** CACHE MISS: "${installation.layer}"`);
    layer.clear();
    await installation.install(layer, python);
  }
  layer.save(["launch"], { [HASH]: hash, [PYTHON_VERSION]: python });
}

function hashOf(context: BuildContext, strings: readonly string[], files: readonly string[]): string {
  const hash = createHash("sha256");
  const add = (content: string | Buffer): void => void hash.update(`${content.length}:`).update(content);
  for (const text of [context.buildpackId, context.buildpackVersion, ...strings]) add(text);
  for (const { path, content } of filesOf(context.appDir, files)) {
    add(path);
    add(content);
  }
  return hash.digest("hex");
}
