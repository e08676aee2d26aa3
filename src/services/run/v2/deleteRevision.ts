import { anyPack } from "@bufbuild/protobuf/wkt";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Revision, Revisions, RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { checkEtag } from "../../../wire/etag.ts";
import { rpc } from "../../../wire/rpc.ts";
import { reachedBefore } from "../revision-states.ts";
import type { RunContext } from "../context.ts";
import { latestRevisionKept, revisionNotFound, servingRevisionKept } from "../errors.ts";
import { lastSegment, serviceNameOf } from "../names.ts";
import { operationNameOf } from "../operations.ts";
import { revisionView } from "../view.ts";

/** run.v2.Revisions.DeleteRevision: only for revisions that are neither the latest one nor reached by requests. */
export const deleteRevision = (context: RunContext) =>
  rpc(
    Revisions.method.deleteRevision,
    { permission: "run.revisions.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }) => {
      const operationName = operationNameOf(serviceNameOf(name), context.ids.uuid());
      const revision = await context.store.transact(async (transaction) => {
        const found = await deletableRevision(context, transaction, name, etag);
        if (!validateOnly) await removeRevision(context, transaction, found, operationName);
        return found;
      });
      const response = anyPack(RevisionSchema, revision);
      return { name: operationName, metadata: response, done: true, result: { case: "response", value: response } };
    },
  );

/** The revision as it is answered, once nothing forbids its deletion. */
export async function deletableRevision(
  { rows, clock }: RunContext,
  transaction: StoreTransaction,
  name: string,
  etag: string,
): Promise<Revision> {
  const record = await rows.getRevision(name, transaction);
  const owner = record && (await rows.getService(serviceNameOf(name), transaction));
  if (!record || !owner) throw revisionNotFound(name);
  const revision = revisionView(record);
  checkEtag(etag, revision.etag);
  const { service } = owner;
  const id = lastSegment(name);
  if (service.latestCreatedRevision === name) throw latestRevisionKept(id, lastSegment(service.name));
  const named = service.traffic.map((target) => target.revision);
  if (named.includes(id) || reachedBefore(service).has(id)) throw servingRevisionKept(id);
  revision.deleteTime = timestampFromMs(clock.nowMs());
  revision.expireTime = revision.deleteTime;
  return revision;
}

/** A revision without traffic has no instances: deleting its row is all there is to do. */
async function removeRevision(
  { rows, operations }: RunContext,
  transaction: StoreTransaction,
  revision: Revision,
  operationName: string,
): Promise<void> {
  await rows.deleteRevision(transaction, revision.name);
  const names = { name: operationName, service: "run", target: revision.name };
  await operations.create(transaction, { ...names, metadataSchema: RevisionSchema, metadata: revision });
  await operations.succeed(transaction, operationName, RevisionSchema, revision);
}
