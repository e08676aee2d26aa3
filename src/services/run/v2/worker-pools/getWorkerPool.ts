import { WorkerPools } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { workerPoolNotFound } from "../../worker-pools/errors.ts";
import { workerPoolView } from "../../worker-pools/view.ts";

/** run.v2.WorkerPools.GetWorkerPool. */
export const getWorkerPool = ({ workerPools }: RunContext) =>
  rpc(
    WorkerPools.method.getWorkerPool,
    { permission: "run.workerpools.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      const record = await workerPools.get(name);
      if (!record) throw workerPoolNotFound(name);
      return workerPoolView(record);
    },
  );
