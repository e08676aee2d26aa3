import type { FieldNaming } from "../validate/violations.ts";

/** Names of run v2. `request` is the message that carries the worker pool, for example "CreateWorkerPoolRequest". */
export function v2WorkerPoolNaming(request: string): FieldNaming {
  return ({ field, protoLevel }) => (protoLevel ? `Violation in ${request}.worker_pool.${field}` : field);
}
