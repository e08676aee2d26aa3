import { WorkerPools } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { createIamMethods } from "../../../../wire/iam/rpcs.ts";
import { type Rpc, rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { workerPoolNotFound } from "../../worker-pools/errors.ts";

/** run.v2.WorkerPools.GetIamPolicy, SetIamPolicy and TestIamPermissions. */
export function workerPoolIamRpcs(context: RunContext): Rpc[] {
  const methods = createIamMethods({
    ...context,
    async assertExists(name) {
      if (!(await context.workerPools.get(name))) throw workerPoolNotFound(name);
    },
  });
  const { getIamPolicy, setIamPolicy, testIamPermissions } = WorkerPools.method;
  return [
    rpc(getIamPolicy, { permission: "run.workerpools.getIamPolicy", audit: "ADMIN_READ" }, methods.getIamPolicy),
    rpc(setIamPolicy, { permission: "run.workerpools.setIamPolicy", audit: "ADMIN_WRITE" }, methods.setIamPolicy),
    // As for services: clients ask before there is a worker pool, and then get what the project grants.
    rpc(testIamPermissions, { permission: "none", audit: "none" }, async ({ permissions }) => ({ permissions })),
  ];
}
