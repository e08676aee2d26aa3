import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import {
  CloudBuild,
  DeleteWorkerPoolOperationMetadataSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { checkEtag } from "../../../wire/etag.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { cancelBuildsOf } from "../worker-pools/cancel-builds-of.ts";
import { finishedOperation } from "../worker-pools/pool-operation.ts";
import { poolOf } from "../worker-pools/pool.ts";
import { poolNotFound } from "../worker-pools/validate.ts";

/** CloudBuild.DeleteWorkerPool: what is building there is cancelled. */
export const deleteWorkerPool = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.deleteWorkerPool,
    { permission: "cloudbuild.workerpools.delete", audit: "ADMIN_WRITE" },
    async ({ name, etag, allowMissing, validateOnly }) =>
      deps.store.transact(async (transaction) => {
        const row = await deps.workerPools.get(name, transaction);
        if (!row && !allowMissing) throw poolNotFound(name);
        if (row) checkEtag(etag, poolOf(row).etag);
        if (validateOnly) return { done: true };
        if (row) {
          await cancelBuildsOf(deps, transaction, name);
          await deps.workerPools.delete(transaction, name);
        }
        const answer = { schema: EmptySchema, response: create(EmptySchema) };
        return finishedOperation(deps, transaction, name, DeleteWorkerPoolOperationMetadataSchema, answer);
      }),
  );
