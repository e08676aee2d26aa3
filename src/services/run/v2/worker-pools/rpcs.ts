import type { Rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { createWorkerPool } from "./createWorkerPool.ts";
import { deleteWorkerPool } from "./deleteWorkerPool.ts";
import { getWorkerPool } from "./getWorkerPool.ts";
import { workerPoolIamRpcs } from "./iam.ts";
import { listWorkerPools } from "./listWorkerPools.ts";
import { updateWorkerPool } from "./updateWorkerPool.ts";

/** run.v2.WorkerPools, whole. */
export function workerPoolRpcs(context: RunContext): Rpc[] {
  return [
    createWorkerPool(context),
    getWorkerPool(context),
    listWorkerPools(context),
    updateWorkerPool(context),
    deleteWorkerPool(context),
    ...workerPoolIamRpcs(context),
  ];
}
