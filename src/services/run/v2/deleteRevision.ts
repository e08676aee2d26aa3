import { latestRevisionKept } from "../resource-errors.ts";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Revision, Revisions, RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { checkEtag } from "../../../wire/etag.ts";
import { rpc } from "../../../wire/rpc.ts";
import { reachedBefore } from "../revisions/revision-states.ts";
import type { RunContext } from "../context.ts";
import { revisionNotFound, servingRevisionKept } from "../services/errors.ts";
import { operationNameOf } from "../resource-operations.ts";
import { lastSegment, ownerNameOf, parseRevisionName } from "../names.ts";
import { revisionView } from "../services/view.ts";
import { assertDeletable as assertDeletableOfWorkerPool } from "../worker-pools/assert-deletable.ts";

/** run.v2.Revisions.DeleteRevision: only for revisions that are neither the latest one nor in use. */
export const deleteRevision = (context: RunContext) =>
  rpc(
    Revisions.method.deleteRevision,
    { permission: "run.revisions.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }) => {
      parseRevisionName(name);
      const operationName = operationNameOf(name, context.ids.uuid());
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
  context: RunContext,
  transaction: StoreTransaction,
  name: string,
  etag: string,
): Promise<Revision> {
  const record = await context.rows.getRevision(name, transaction);
  if (!record) throw revisionNotFound(name);
  const revision = revisionView(record);
  checkEtag(etag, revision.etag);
  const isOfService = parseRevisionName(name).collection === "services";
  await (isOfService ? assertDeletable : assertDeletableOfWorkerPool)(context, transaction, name);
  revision.deleteTime = timestampFromMs(context.clock.nowMs());
  revision.expireTime = revision.deleteTime;
  return revision;
}

async function assertDeletable({ rows }: RunContext, transaction: StoreTransaction, name: string): Promise<void> {
  const owner = await rows.getService(ownerNameOf(name), transaction);
  if (!owner) throw revisionNotFound(name);
  const { service } = owner;
  const id = lastSegment(name);
  if (service.latestCreatedRevision === name) throw latestRevisionKept(id, "Service", lastSegment(service.name));
  const named = service.traffic.map((target) => target.revision);
  if (named.includes(id) || reachedBefore(service).has(id)) throw servingRevisionKept(id);
}

/** A revision that is not in use has no instances: deleting its row is all there is to do. */
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
