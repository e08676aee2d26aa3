import { readGoConfiguration } from "../../platform/registries/go-configuration.ts";
import { readMavenSettings } from "../../platform/registries/maven-settings.ts";
import { readNpmConfiguration } from "../../platform/registries/npm-configuration.ts";
import { readPipConfiguration } from "../../platform/registries/pip-configuration.ts";
import { goPackageAccess } from "./go.ts";
import { mavenPackageAccess } from "./maven.ts";
import { npmPackageAccess } from "./npm.ts";
import { mergePackageAccess, type PackageAccess } from "./package-access.ts";
import { pipPackageAccess } from "./pip.ts";

/**
 * What lets the package managers of every language use the registries that this machine's own are configured for.
 * `caFile` is a bundle of certificate authorities on this machine that vouch for them.
 */
export async function hostPackageAccess(caFile: string | undefined): Promise<PackageAccess> {
  const [go, maven, npm, pip] = await Promise.all([
    readGoConfiguration(),
    readMavenSettings(),
    readNpmConfiguration(),
    readPipConfiguration(),
  ]);
  return mergePackageAccess([
    goPackageAccess(go, caFile),
    mavenPackageAccess(maven),
    npmPackageAccess(npm, caFile),
    pipPackageAccess(pip, caFile),
  ]);
}
