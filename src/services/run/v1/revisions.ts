import { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { RunContext } from "../context.ts";
import { formatLocationName } from "../names.ts";
import { findRevision } from "./find.ts";
import { knativeList } from "./lists.ts";
import { isDryRun, type V1Request } from "./request.ts";
import { revisionToKnative } from "./revision.ts";

/** GET revisions: a RevisionList. */
export function listRevisions({ rows }: RunContext, at: V1Request): Promise<object> {
  const parent = `${formatLocationName(at)}/services/-`;
  return knativeList(at.url, "Revision", parent, rows.allRevisions, revisionToKnative);
}

/** GET revisions/NAME. */
export const getRevision = async (context: RunContext, at: V1Request) =>
  revisionToKnative(await findRevision(context, at));

/** DELETE revisions/NAME, by the rules of v2. */
export async function removeRevision(context: RunContext, at: V1Request): Promise<object> {
  const { revision } = await findRevision(context, at);
  const revisions = context.clients.of(Revisions, at.call.principal, at.call.signal);
  await revisions.deleteRevision({ name: revision.name, validateOnly: isDryRun(at.url) });
  return { status: "Success" };
}
