import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { BroughtUp } from "./bring-up-revision.ts";
import type { Failure } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { revisionNameOf } from "../names.ts";
import { recordedFailure } from "./recorded-failure.ts";
import { revisionMissing, revisionNotReady } from "./start-failure.ts";

/** Revisions of a service or worker pool (full name) by short name, as far as they exist; "" is none. */
export async function revisionsOf(
  { rows }: RunContext,
  owner: string,
  ids: Iterable<string>,
): Promise<Map<string, Revision>> {
  const revisions = new Map<string, Revision>();
  for (const id of new Set(ids)) {
    const found = id === "" ? undefined : await rows.getRevision(revisionNameOf(owner, id));
    if (found) revisions.set(id, found.revision);
  }
  return revisions;
}

/** Why nothing can go to a revision that is asked for; undefined when none is missing. */
export function missingFailure(revisions: ReadonlyMap<string, Revision>, id: string | undefined): Failure | undefined {
  if (id === undefined) return undefined;
  const revision = revisions.get(id);
  const own = revision && recordedFailure(revision);
  return own ? revisionNotReady(revision.name, own) : revisionMissing(id);
}

/**
 * What a change of a service or worker pool failed of: its latest created revision, or `other`. A revision that failed
 * for an earlier change does not matter once nothing is to go to it: rollbacks succeed.
 */
export function failureOfChange(
  latestCreatedRevision: string,
  { failure, isNew }: BroughtUp,
  followsLatest: boolean,
  other: Failure | undefined,
): Failure | undefined {
  return failure && (isNew || followsLatest) ? revisionNotReady(latestCreatedRevision, failure) : other;
}
