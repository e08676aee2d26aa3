import type { BuildContext } from "../context.ts";
import { userError } from "../error.ts";
import { maxSatisfying, parseVersion, satisfies } from "../semver.ts";

/** Versions with all their numbers; those before 1.21 had no zero at their end. */
const EXACT = /^1\.(?:\d+\.\d+|1?\d|20)$/;
const RELEASE_CANDIDATE = /^1\.\d+rc\d+$/;

/**
 * The version of Go for a request: an exact version or a release candidate as it is, a range the installed version where
 * it fits and the newest release elsewhere. Fails as the user's fault where there is none. Google: pkg/golang, ResolveGoVersion.
 */
export async function resolveGoVersion(context: BuildContext, request: string, installed: string): Promise<string> {
  const wanted = request.trim().replace(/^v(?=\d)/, "");
  if (EXACT.test(wanted) || RELEASE_CANDIDATE.test(wanted)) return wanted;
  if (satisfies(installed, wanted)) return installed;
  const releases = await releasedVersions(context);
  const found = maxSatisfying([...releases.keys()], wanted);
  if (found === undefined) throw userError(`invalid Go version specified: ${request} matches no release of Go`);
  return releases.get(found)!;
}

/** All releases that the module proxy has, by their semantic version. */
async function releasedVersions(context: BuildContext): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await context.exec(["go", "list", "-m", "-versions", "go"], {
    cwd: "/",
    env: { GOTOOLCHAIN: "local" },
  });
  const versions = stdout
    .split(/\s+/)
    .slice(1)
    .map((version) => [/^\d+\.\d+$/.test(version) ? `${version}.0` : version, version] as const);
  return new Map(versions.filter(([semantic]) => parseVersion(semantic)));
}
