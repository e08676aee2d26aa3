import { join } from "node:path";
import { systemClock } from "../../../platform/clock.ts";
import { composeArchive } from "../../debian/archive.ts";
import { createDownloads } from "../../debian/downloads.ts";
import { openPackageSource, type PackageSource } from "../../debian/package-source.ts";
import type { LayerContext } from "./recipe.ts";

/** The packages of a release that layers are made of. */
export async function openDebianSource(context: LayerContext): Promise<PackageSource> {
  const { dataFolder, codename, debianMirror, onProgress } = context;
  const archive = await composeArchive(codename, debianMirror);
  const cacheFolder = join(dataFolder, "cache", "packages");
  const deps = { cacheFolder, downloads: createDownloads(), clock: systemClock, onProgress };
  return openPackageSource(deps, archive);
}
