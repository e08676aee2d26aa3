import { WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { RunContext } from "../context.ts";
import { deleteRevisions } from "../services/finish-deletion.ts";
import { finishDeleteOperations } from "../resource-operations.ts";
import type { WorkerPoolRecord } from "./store.ts";
import { workerPoolView } from "./view.ts";

/** Stops a worker pool and forgets it, its revisions and its policy; operations that it overtook are ABORTED. */
export async function finishDeletion(context: RunContext, record: WorkerPoolRecord): Promise<void> {
  const { name } = record.workerPool;
  context.placements.keepOnly(name, new Set());
  await context.store.transact(async (transaction) => {
    await deleteRevisions(context, transaction, name);
    await context.policies.delete(transaction, name);
    await context.workerPools.delete(transaction, name);
    const view = { ...workerPoolView(record), reconciling: false };
    await finishDeleteOperations(context, transaction, WorkerPoolSchema, view, record.hidden.operationId);
  });
}
