import type { DistributionClient } from "../../oci/distribution/client.ts";
import { parseReference } from "../../oci/reference.ts";
import type { BuildpackBuildRequest } from "../build.ts";
import type { LifecycleResult } from "../lifecycle/exchange.ts";

/** What is remembered of a build that would make the same again. */
export interface RepeatableBuild {
  /** Hash of its inputs. */
  readonly inputs: string;
  /** Digest of the image that it made. */
  readonly digest: string;
}

/** Whether each buildpack of a build says that the same inputs make the same: what runs a project's own code does not. */
export function isRepeatable({ group, buildpacks }: LifecycleResult): boolean {
  const stores = new Map(buildpacks.map(({ key, store }) => [key, store]));
  return group.every(({ id }) => stores.get(id)?.["repeatable"] === true);
}

/** Gives the image of an earlier build the tags of a new one; false when the registry does not have it there. */
export async function useAgain(
  client: DistributionClient,
  { destinations, untagged = false, signal }: Pick<BuildpackBuildRequest, "destinations" | "untagged" | "signal">,
  digest: string,
): Promise<boolean> {
  const references = destinations.map(parseReference);
  const [first] = references;
  const isOnePlace = references.every(
    ({ host, repository }) => host === first?.host && repository === first.repository,
  );
  if (!first || !isOnePlace) return false;
  const byDigest = { host: first.host, repository: first.repository, digest };
  if ((await client.resolve(byDigest, signal)) === undefined) return false;
  if (untagged) return true;
  const { mediaType, content } = await client.getManifest(byDigest, signal);
  for (const reference of references) await client.putManifest(reference, { mediaType, content }, signal);
  return true;
}
