import { clone } from "@bufbuild/protobuf";
import { RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { formatReference, parseReference } from "../../../oci/reference.ts";
import type { Failure } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { imageNotFound, imageNotReachable } from "./start-failure.ts";
import type { RevisionRecord } from "../store.ts";

export type Pinned = { readonly record: RevisionRecord } | { readonly failure: Failure };

/** Replaces the images' tags by the digests they have now, for good: a revision always runs the same images. */
export async function pinImages(context: RunContext, record: RevisionRecord, signal: AbortSignal): Promise<Pinned> {
  const revision = clone(RevisionSchema, record.revision);
  const open = revision.containers.filter(({ image }) => !image.includes("@"));
  if (open.length === 0) return { record };
  for (const container of open) {
    const resolved = await resolveImage(context, container.image, signal);
    if ("failure" in resolved) return resolved;
    container.image = resolved.image;
  }
  return {
    record: await context.store.transact((transaction) =>
      context.rows.updateRevision(transaction, { ...record, revision }),
    ),
  };
}

/** The image by the digest that it has now. */
export async function resolveImage(
  { registry }: Pick<RunContext, "registry">,
  image: string,
  signal: AbortSignal,
): Promise<{ readonly image: string } | { readonly failure: Failure }> {
  const reference = parseReference(image);
  try {
    const digest = await registry.resolve(reference, signal);
    if (digest === undefined) return { failure: imageNotFound(image) };
    return { image: formatReference({ host: reference.host, repository: reference.repository, digest }) };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: imageNotReachable(image, whyOf(error as Error)) };
  }
}

/** What went wrong at the bottom, too: fetch by itself says only that it failed. */
function whyOf({ message, cause }: Error): string {
  return cause instanceof Error ? [message, whyOf(cause)].filter((text) => text !== "").join(": ") : message;
}
