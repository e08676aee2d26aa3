import { join } from "node:path";
import type { LayerEntry } from "../../layers/layer-entry.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { downloadWithNpm, globalInstallEntries, type NpmPackage } from "../npm-packages.ts";
import { npmPackage } from "./layer-package.ts";
import type { LayerContext, NamedLayer } from "./recipe.ts";

/** npm packages installed globally below /usr/local, without their dependencies: tools that bring everything along. */
export interface NpmRecipe {
  readonly kind: "npm";
  /** NAME@RANGE, each in npm's notation. */
  readonly packages: readonly string[];
}

/** Writes the newest versions of the packages. */
export async function writeNpmLayer({ packages }: NpmRecipe, { folder }: LayerContext): Promise<NamedLayer> {
  const downloaded = await downloadWithNpm(packages, folder);
  const layer = await writeLayer(toolEntries(downloaded), join(folder, "npm.tar"), "none");
  const made = downloaded.map(({ name, version, integrity }) => npmPackage(name, version, integrity));
  return { ...layer, title: made.map(({ name, version }) => `${name} ${version}`).join(", "), packages: made };
}

async function* toolEntries(packages: readonly NpmPackage[]): AsyncIterable<LayerEntry> {
  const seen = new Set<string>();
  for (const one of packages) yield* globalInstallEntries(one, (path) => /^(docs|man)\//.test(path), seen);
}
