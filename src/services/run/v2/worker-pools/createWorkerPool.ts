import { resourceExists } from "../../resource-errors.ts";
import { WorkerPools, WorkerPoolSchema } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { validatedOperation } from "../../resource-operations.ts";
import { parseLocationName } from "../../names.ts";
import { NO_HIDDEN_METADATA } from "../../store.ts";
import { createWorkerPool as applyCreate, plannedWorkerPool, validWorkerPoolWish } from "../../worker-pools/apply.ts";
import { formatWorkerPoolName } from "../../worker-pools/names.ts";
import { v2WorkerPoolNaming } from "../../worker-pools/naming.ts";
import { checkWorkerPoolId } from "../../worker-pools/validate.ts";
import { workerPoolView } from "../../worker-pools/view.ts";
import { assertLocation } from "../locations.ts";

/** run.v2.WorkerPools.CreateWorkerPool. */
export const createWorkerPool = (context: RunContext) =>
  rpc(
    WorkerPools.method.createWorkerPool,
    { permission: "run.workerpools.create", audit: "ADMIN_WRITE" },
    async ({ parent, workerPool, workerPoolId, validateOnly }, call) => {
      const location = parseLocationName(parent);
      assertLocation(location.location);
      checkWorkerPoolId(workerPoolId);
      const named = { ...workerPool!, name: formatWorkerPoolName({ ...location, workerPool: workerPoolId }) };
      const wish = { workerPool: named, metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
      const valid = validWorkerPoolWish(wish, v2WorkerPoolNaming("CreateWorkerPoolRequest"));
      const email = principalEmail(call.principal);
      if (!validateOnly) return (await applyCreate(context, valid, email)).operation;
      if (await context.workerPools.get(named.name)) throw resourceExists(named.name);
      const planned = workerPoolView(plannedWorkerPool(context, valid, email));
      return validatedOperation(WorkerPoolSchema, planned, context.ids.uuid());
    },
  );
