import { Revisions } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { RunContext } from "../context.ts";
import { formatLocationName } from "../names.ts";
import { type RevisionRecord, REVISIONS_TABLE, revisionOf } from "../store.ts";
import type { Collection } from "./collection.ts";
import { deletedStatus, deletionOf } from "./delete-options.ts";
import { findRevision } from "./find.ts";
import type { V1Request } from "./request.ts";
import { revisionToKnative } from "./revision.ts";
import { READY_COLUMNS } from "./tables.ts";

type Shown = ReturnType<typeof revisionToKnative>;

const labelOf = ({ metadata }: Shown, name: string) => metadata.labels?.[`serving.knative.dev/${name}`];

/** Revisions of all services and worker pools; their columns are Knative's. */
export const REVISIONS: Collection<RevisionRecord> = {
  apiVersion: "serving.knative.dev/v1",
  kind: "Revision",
  plural: "revisions",
  table: REVISIONS_TABLE,
  parentOf: (at) => `${formatLocationName(at)}/-/-`,
  listing: ({ rows }) => rows.allRevisions,
  itemOf: revisionOf,
  toKnative: revisionToKnative,
  columns: [
    { name: "Config Name", type: "string", of: (shown: Shown) => labelOf(shown, "configuration") },
    { name: "Generation", type: "string", of: (shown: Shown) => labelOf(shown, "configurationGeneration") },
    ...READY_COLUMNS,
    { name: "Desired Replicas", type: "integer", of: ({ status }: Shown) => status.desiredReplicas },
  ],
};

/** DELETE revisions/NAME, by the rules of v2. */
export async function removeRevision(context: RunContext, at: V1Request): Promise<object> {
  const { dryRun, check } = await deletionOf(at);
  const found = await findRevision(context, at);
  check(revisionToKnative(found));
  const revisions = context.clients.of(Revisions, at.call.principal, at.call.signal);
  await revisions.deleteRevision({ name: found.revision.name, validateOnly: dryRun });
  return deletedStatus(revisionToKnative(found));
}
