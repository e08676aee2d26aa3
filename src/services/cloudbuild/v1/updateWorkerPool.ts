import {
  CloudBuild,
  UpdateWorkerPoolOperationMetadataSchema,
  WorkerPoolSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { checkEtag } from "../../../wire/etag.ts";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { finishedOperation } from "../worker-pools/pool-operation.ts";
import { completePool, poolOf, rowWithPool } from "../worker-pools/pool.ts";
import { poolNotFound, validatePool } from "../worker-pools/validate.ts";

/** CloudBuild.UpdateWorkerPool: the fields of the mask, or without one those that are given. */
export const updateWorkerPool = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.updateWorkerPool,
    { permission: "cloudbuild.workerpools.update", audit: "ADMIN_WRITE" },
    async ({ workerPool: given, updateMask, validateOnly }) => {
      const name = given!.name;
      return deps.store.transact(async (transaction) => {
        const row = await deps.workerPools.get(name, transaction);
        if (!row) throw poolNotFound(name);
        const current = poolOf(row);
        checkEtag(given!.etag, current.etag);
        const mask = updateMask ?? {
          paths: populatedFields(WorkerPoolSchema, given!).filter((path) => path !== "name"),
        };
        const patched = applyFieldMask(WorkerPoolSchema, current, given!, mask as NonNullable<typeof updateMask>);
        validatePool(patched);
        const { networkConfig } = patched.config.value ?? {};
        if (networkConfig?.peeredNetwork !== current.config.value?.networkConfig?.peeredNetwork)
          throw invalidArgument("peered_network is immutable");
        if (validateOnly) return { done: true };
        const next = rowWithPool(row, completePool(patched), deps.clock.nowMs());
        const written = await deps.workerPools.update(transaction, next);
        const answer = { schema: WorkerPoolSchema, response: poolOf(written) };
        return finishedOperation(deps, transaction, name, UpdateWorkerPoolOperationMetadataSchema, answer);
      });
    },
  );
