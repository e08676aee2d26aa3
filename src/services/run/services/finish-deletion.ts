import type { StoreTransaction } from "../../../platform/store/store.ts";
import { ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { RunContext } from "../context.ts";
import { finishDeleteOperations } from "../resource-operations.ts";
import type { ServiceRecord } from "../store.ts";
import { serviceView } from "./view.ts";

const PAGE = 500;

/** Stops a service and forgets it, its revisions and its policy; operations that it overtook are ABORTED. */
export async function finishDeletion(context: RunContext, record: ServiceRecord): Promise<void> {
  const { name } = record.service;
  context.deployments.remove(name);
  await context.store.transact(async (transaction) => {
    await deleteRevisions(context, transaction, name);
    await context.policies.delete(transaction, name);
    await context.rows.deleteService(transaction, name);
    const view = { ...serviceView(record), reconciling: false };
    await finishDeleteOperations(context, transaction, ServiceSchema, view, record.hidden.operationId);
  });
}

/** Deletes the revisions of the service or worker pool with this full name. */
export async function deleteRevisions(
  { rows }: RunContext,
  transaction: StoreTransaction,
  parent: string,
): Promise<void> {
  for (;;) {
    const page = await rows.listRevisions({ parent, limit: PAGE }, transaction);
    for (const { revision } of page) await rows.deleteRevision(transaction, revision.name);
    if (page.length < PAGE) return;
  }
}
