import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { WorkerPoolSchema } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { RunContext } from "../../context.ts";
import { workerPoolToKnative } from "./worker-pool.ts";

const WORKER_POOL_TYPE = "type.googleapis.com/google.cloud.run.v1.WorkerPool";

/** The response of an operation on a worker pool as v1 has it: {} once that is gone; undefined for anything else. */
export async function workerPoolOperationResponse(
  { workerPools }: RunContext,
  response: Any,
): Promise<object | undefined> {
  const workerPool = anyUnpack(response, WorkerPoolSchema);
  if (!workerPool) return undefined;
  const stored = await workerPools.get(workerPool.name);
  return stored ? { "@type": WORKER_POOL_TYPE, ...workerPoolToKnative(stored) } : {};
}
