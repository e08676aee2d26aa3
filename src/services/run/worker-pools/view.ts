import { clone } from "@bufbuild/protobuf";
import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { etagOf } from "../../../wire/etag.ts";
import type { WorkerPoolRecord } from "./store.ts";

/** A worker pool as v2 answers it. */
export function workerPoolView({ workerPool, version }: Pick<WorkerPoolRecord, "workerPool" | "version">): WorkerPool {
  const view = clone(WorkerPoolSchema, workerPool);
  view.etag = etagOf(workerPool.uid, version);
  return view;
}
