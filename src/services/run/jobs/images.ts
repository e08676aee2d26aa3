import { formatReference, parseReference } from "../../../oci/reference.ts";
import type { Container } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { Failure } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { imageNotFound, imageNotReachable } from "../start-failure.ts";

/** The images of containers by the digests that they have now, or why one of them cannot be found. */
export type Resolved = { readonly images: readonly string[] } | { readonly failure: Failure };

/**
 * Looks the images up, all at the same time. A job keeps its tags: each execution uses the digests they have when it
 * starts. Google: Cloud Run docs, manage jobs. Rejects when the signal aborts.
 */
export async function resolveImages(
  { registry }: Pick<RunContext, "registry">,
  containers: readonly Pick<Container, "image">[],
  signal: AbortSignal,
): Promise<Resolved> {
  const found = await Promise.all(containers.map(({ image }) => resolve(registry, image, signal)));
  const failed = found.find((each) => typeof each !== "string");
  return typeof failed === "object"
    ? { failure: failed }
    : { images: found.filter((each) => typeof each === "string") };
}

async function resolve(
  registry: RunContext["registry"],
  image: string,
  signal: AbortSignal,
): Promise<string | Failure> {
  const reference = parseReference(image);
  try {
    const digest = await registry.resolve(reference, signal);
    if (digest === undefined) return imageNotFound(image);
    return formatReference({ host: reference.host, repository: reference.repository, digest });
  } catch (error) {
    signal.throwIfAborted();
    return imageNotReachable(image, (error as Error).message);
  }
}
