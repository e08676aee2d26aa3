import { WorkerPools, WorkerPoolSchema } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { validatedOperation } from "../../resource-operations.ts";
import { deleteWorkerPool as applyDelete } from "../../worker-pools/apply.ts";
import { workerPoolNotFound } from "../../worker-pools/errors.ts";
import type { WorkerPoolRecord } from "../../worker-pools/store.ts";
import { workerPoolView } from "../../worker-pools/view.ts";

/** run.v2.WorkerPools.DeleteWorkerPool: stops its instances and deletes all revisions. */
export const deleteWorkerPool = (context: RunContext) =>
  rpc(
    WorkerPools.method.deleteWorkerPool,
    { permission: "run.workerpools.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, validateOnly }, call) => {
      const check = ({ workerPool, version }: WorkerPoolRecord) => checkEtag(etag, etagOf(workerPool.uid, version));
      if (!validateOnly) return (await applyDelete(context, name, check, principalEmail(call.principal))).operation;
      const stored = await context.workerPools.get(name);
      if (!stored) throw workerPoolNotFound(name);
      check(stored);
      return validatedOperation(WorkerPoolSchema, workerPoolView(stored), context.ids.uuid());
    },
  );
