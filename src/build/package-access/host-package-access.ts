import { readNpmConfiguration } from "../../platform/registries/npm-configuration.ts";
import { npmPackageAccess } from "./npm.ts";
import { mergePackageAccess, type PackageAccess } from "./package-access.ts";

/**
 * What lets the package managers of every language use the registries that this machine's own are configured for.
 * `caFile` is a bundle of certificate authorities on this machine that vouch for them.
 */
export async function hostPackageAccess(caFile: string | undefined): Promise<PackageAccess> {
  const npm = await readNpmConfiguration();
  return mergePackageAccess([npmPackageAccess(npm, caFile)]);
}
