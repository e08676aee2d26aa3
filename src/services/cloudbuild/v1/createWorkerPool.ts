import {
  CloudBuild,
  CreateWorkerPoolOperationMetadataSchema,
  WorkerPoolSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { alreadyExists } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { finishedOperation } from "../worker-pools/pool-operation.ts";
import { completePool, newPoolRow, poolOf } from "../worker-pools/pool.ts";
import { checkPoolId, validatePool } from "../worker-pools/validate.ts";

/** CloudBuild.CreateWorkerPool: there is no machine to start, so the pool runs when its operation is answered. */
export const createWorkerPool = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.createWorkerPool,
    { permission: "cloudbuild.workerpools.create", audit: "ADMIN_WRITE" },
    async ({ parent, workerPool, workerPoolId, validateOnly }) => {
      checkPoolId(workerPoolId);
      validatePool(workerPool!);
      const name = `${parent}/workerPools/${workerPoolId}`;
      const row = newPoolRow(name, completePool(workerPool!), deps.ids.uuid(), deps.clock.nowMs());
      if (await deps.workerPools.get(name)) throw alreadyExists(name);
      if (validateOnly) return { done: true };
      try {
        return await deps.store.transact(async (transaction) => {
          await deps.workerPools.insert(transaction, row);
          const answer = { schema: WorkerPoolSchema, response: poolOf(row) };
          return finishedOperation(deps, transaction, name, CreateWorkerPoolOperationMetadataSchema, answer);
        });
      } catch (error) {
        throw error instanceof DuplicateResourceError ? alreadyExists(name) : error;
      }
    },
  );
