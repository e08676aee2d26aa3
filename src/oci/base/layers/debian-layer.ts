import { join } from "node:path";
import { ONLY_FOR_INSTALLING } from "../../debian/only-for-installing.ts";
import type { BinaryPackage } from "../../debian/packages-index.ts";
import { writeLayer } from "../../layers/write-layer.ts";
import { baseVersions } from "../base-layer.ts";
import { addedEntries } from "../base-entries.ts";
import { packageDatabase, packageRecords } from "../configuration.ts";
import { BASE_PACKAGES } from "../packages.ts";
import { openDebianSource } from "./debian-source.ts";
import { debianPackages } from "./layer-package.ts";
import { debianPartOf } from "./python/debian-part.ts";
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
  /** Endings of programs that are also there without them, as the alternatives of maintainer scripts would make it. */
  readonly alternatives?: readonly string[];
  /**
   * Put together above the base layer alone, whatever Debian layers are between, so that all images of the release have
   * the same layer. Its packages are recorded one by one in the folder that tools look into beside the database.
   */
  readonly isShared?: boolean;
}

/** Writes the files of the packages that no layer below has, and the package database with all of them. */
export async function writeDebianLayer(recipe: DebianRecipe, context: LayerContext): Promise<NamedLayer> {
  const below = recipe.isShared ? [] : context.below;
  const { all, added, files, distribution } = await selectDebianPackages(recipe, { ...context, below });
  const items = added.map((item, index) => ({ package: item, file: files[index]! }));
  const database = recipe.isShared ? packageRecords(added) : [packageDatabase(all)];
  const entries = addedEntries(items, database, recipe);
  const layer = await writeLayer(entries, join(context.folder, "debian.tar"), "none");
  return { ...layer, title: recipe.title, packages: debianPackages(added, distribution) };
}

/** What goes into a layer. */
export interface SelectedPackages {
  /** The packages that the image has with the layer. */
  readonly all: readonly BinaryPackage[];
  /** Those that the layer adds. */
  readonly added: readonly BinaryPackage[];
  /** The .deb files of `added`. */
  readonly files: readonly string[];
  readonly distribution: string;
}

/** Chooses and fetches the packages of a layer. */
export async function selectDebianPackages(recipe: DebianRecipe, context: LayerContext): Promise<SelectedPackages> {
  const source = await openDebianSource(context);
  const lower = context.below.flatMap(debianRecipes);
  const without = new Set([...ONLY_FOR_INSTALLING, ...[...lower, recipe].flatMap((each) => each.without ?? [])]);
  const namesBelow = [...BASE_PACKAGES, ...lower.flatMap(({ packages }) => packages)];
  const below = new Set(source.resolve(namesBelow, without).map(({ name }) => name));
  const all = source.resolve([...namesBelow, ...recipe.packages], without);
  const older = await baseVersions(context.dataFolder, context.codename);
  // A base layer composed earlier may have older versions than these packages were made for.
  const isOlder = ({ name, version }: BinaryPackage) => (older.get(name) ?? version) !== version;
  const added = all.filter((each) => !below.has(each.name) || isOlder(each));
  const megabytes = added.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
  context.onProgress(`Fetching ${added.length} packages for ${recipe.title} (${megabytes.toFixed(1)} MB)`);
  return { all, added, files: await source.fetch(added), distribution: source.distribution };
}

function debianRecipes(recipe: LayerRecipe): DebianRecipe[] {
  if (recipe.kind === "python") return [debianPartOf(recipe)];
  return recipe.kind === "debian" ? [recipe] : [];
}
