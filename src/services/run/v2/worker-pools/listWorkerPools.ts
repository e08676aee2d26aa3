import { WorkerPools } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { parseLocationName } from "../../names.ts";
import { workerPoolView } from "../../worker-pools/view.ts";
import { newestFirst } from "../pages.ts";

/** run.v2.WorkerPools.ListWorkerPools. A deleted worker pool is gone at once, so show_deleted adds none. */
export const listWorkerPools = ({ workerPools }: RunContext) =>
  rpc(
    WorkerPools.method.listWorkerPools,
    { permission: "run.workerpools.list", audit: "ADMIN_READ" },
    async (request) => {
      parseLocationName(request.parent);
      const { list } = workerPools;
      const { page, nextPageToken } = await newestFirst("workerPools", request, list, ({ workerPool }) => workerPool);
      return { workerPools: page.map(workerPoolView), nextPageToken };
    },
  );
