import { join } from "node:path";
import { systemClock } from "../../../platform/clock.ts";
import { composeArchive } from "../../debian/archive.ts";
import { createDownloads } from "../../debian/downloads.ts";
import { ONLY_FOR_INSTALLING } from "../../debian/only-for-installing.ts";
import { openPackageSource } from "../../debian/package-source.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { addedEntries } from "../base-entries.ts";
import { BASE_PACKAGES } from "../packages.ts";
import type { LayerContext, LayerRecipe, NamedLayer } from "./recipe.ts";

/** Debian packages with everything they depend on, above the base layer and the Debian layers below. */
export interface DebianRecipe {
  readonly kind: "debian";
  /** What the layer is for, in the image's history. */
  readonly title: string;
  readonly packages: readonly string[];
  /** Packages that count as there, though nothing installs them. */
  readonly without?: readonly string[];
  /** Links that the packages' maintainer scripts would make: path below the root to target. */
  readonly links?: Readonly<Record<string, string>>;
}

/** Writes the files of the packages that no layer below has, and the package database with all of them. */
export async function writeDebianLayer(recipe: DebianRecipe, context: LayerContext): Promise<NamedLayer> {
  const { dataFolder, codename, debianMirror, onProgress, folder } = context;
  const archive = await composeArchive(codename, debianMirror);
  const cacheFolder = join(dataFolder, "cache", "packages");
  const deps = { cacheFolder, downloads: createDownloads(), clock: systemClock, onProgress };
  const source = await openPackageSource(deps, archive);
  const lower = context.below.filter(isDebian);
  const without = new Set([...ONLY_FOR_INSTALLING, ...[...lower, recipe].flatMap((each) => each.without ?? [])]);
  const namesBelow = [...BASE_PACKAGES, ...lower.flatMap(({ packages }) => packages)];
  const below = new Set(source.resolve(namesBelow, without).map(({ name }) => name));
  const all = source.resolve([...namesBelow, ...recipe.packages], without);
  const added = all.filter(({ name }) => !below.has(name));
  const megabytes = added.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
  onProgress(`Fetching ${added.length} packages for ${recipe.title} (${megabytes.toFixed(1)} MB)`);
  const files = await source.fetch(added);
  const items = added.map((item, index) => ({ package: item, file: files[index]! }));
  const layer = await writeLayer(addedEntries(items, all, recipe.links ?? {}), join(folder, "debian.tar"), "none");
  return { ...layer, title: recipe.title };
}

function isDebian(recipe: LayerRecipe): recipe is DebianRecipe {
  return recipe.kind === "debian";
}
