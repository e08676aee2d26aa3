import { CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { poolOf } from "../worker-pools/pool.ts";
import { poolNotFound } from "../worker-pools/validate.ts";

/** CloudBuild.GetWorkerPool. */
export const getWorkerPool = ({ workerPools }: Pick<Deps, "workerPools">): Rpc =>
  rpc(
    CloudBuild.method.getWorkerPool,
    { permission: "cloudbuild.workerpools.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      const row = await workerPools.get(name);
      if (!row) throw poolNotFound(name);
      return poolOf(row);
    },
  );
