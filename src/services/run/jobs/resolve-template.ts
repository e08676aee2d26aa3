import type { TaskTemplate } from "../../../gen/google/cloud/run/v2/task_template_pb.js";
import { checkSecrets } from "../secrets/check-secrets.ts";
import type { Failure } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { resolveImage } from "../revisions/pin-images.ts";

/** The images of containers by the digests that they have now, or what stands in the way of an execution. */
export type Resolved = { readonly images: readonly string[] } | { readonly failure: Failure };

/**
 * Checks that the secrets of a template can be read, and looks its images up. A job keeps its tags: each execution uses
 * the digests they have when it starts. Google: Cloud Run docs, manage jobs. Rejects when the signal aborts.
 */
export async function resolveTemplate(
  context: Pick<RunContext, "registry" | "clients">,
  project: string,
  { containers, volumes, serviceAccount }: TaskTemplate,
  signal: AbortSignal,
): Promise<Resolved> {
  const secretFailure = await checkSecrets(context, { project, containers, volumes, serviceAccount }, signal);
  if (secretFailure) return { failure: secretFailure };
  const images: string[] = [];
  for (const { image } of containers) {
    const resolved = await resolveImage(context, image, signal);
    if ("failure" in resolved) return resolved;
    images.push(resolved.image);
  }
  return { images };
}
