import { findBaseImage } from "../../oci/base/runtimes.ts";
import type { DistributionClient } from "../../oci/distribution/client.ts";
import { formatReference, parseReference } from "../../oci/reference.ts";
import type { Builder } from "../build.ts";
import { readLifecycleMetadata } from "./lifecycle-metadata.ts";
import { readImage } from "./run-image.ts";

/** What rebaseOnNewest needs. */
export interface RebaseOnNewestDeps {
  readonly builder: Pick<Builder, "rebaseImage">;
  readonly registry: DistributionClient;
}

/**
 * The image on the run image that is the newest of those it was built on: itself, or one beside it in its repository.
 * Images that were not built on a base image of this server are left alone. Rejects with a RebaseError for an image that
 * must not be rebased.
 */
export async function rebaseOnNewest(
  { builder, registry }: RebaseOnNewestDeps,
  image: string,
  signal?: AbortSignal,
): Promise<string> {
  const reference = parseReference(image);
  const { config } = await readImage(registry, reference, signal);
  const metadata = readLifecycleMetadata(config.config?.Labels?.["io.buildpacks.lifecycle.metadata"]);
  const built = metadata?.runImage.reference ?? "";
  if (built === "" || findBaseImage(built.replace(/@.*$/, "")) === undefined) return image;
  const { host, repository } = parseReference(built);
  const newest = await registry.resolve({ host, repository, tag: "latest" }, signal);
  if (newest === undefined) return image;
  const runImage = formatReference({ host, repository, digest: newest });
  if (runImage === built) return image;
  const { digest } = await builder.rebaseImage({ image, runImage, ...(signal && { signal }) });
  return formatReference({ host: reference.host, repository: reference.repository, digest });
}
