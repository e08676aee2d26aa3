import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import {
  type UpdateWorkerPoolRequest,
  WorkerPools,
  WorkerPoolSchema,
} from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { Operation } from "../../../../gen/google/longrunning/operations_pb.js";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import { applyFieldMask } from "../../../../wire/field-mask.ts";
import { rpc } from "../../../../wire/rpc.ts";
import type { RunContext } from "../../context.ts";
import { validatedOperation } from "../../resource-operations.ts";
import { NO_HIDDEN_METADATA } from "../../store.ts";
import {
  createWorkerPool,
  plannedWorkerPool,
  updateWorkerPool as applyUpdate,
  validWorkerPoolWish,
  type WorkerPoolWish,
} from "../../worker-pools/apply.ts";
import { workerPoolNotFound } from "../../worker-pools/errors.ts";
import { parseWorkerPoolName } from "../../worker-pools/names.ts";
import { v2WorkerPoolNaming } from "../../worker-pools/naming.ts";
import type { WorkerPoolRecord } from "../../worker-pools/store.ts";
import { checkWorkerPoolId } from "../../worker-pools/validate.ts";
import { workerPoolView } from "../../worker-pools/view.ts";
import { changedWorkerPool } from "../../worker-pools/worker-pool.ts";
import { assertLocation } from "../locations.ts";

const NAMING = v2WorkerPoolNaming("UpdateWorkerPoolRequest");

/** run.v2.WorkerPools.UpdateWorkerPool. Without update_mask the request replaces the whole worker pool. */
export const updateWorkerPool = (context: RunContext) =>
  rpc(
    WorkerPools.method.updateWorkerPool,
    { permission: "run.workerpools.update", audit: "ADMIN_WRITE" },
    async (request, call): Promise<Operation> => {
      const { name } = request.workerPool!;
      parseWorkerPoolName(name);
      const email = principalEmail(call.principal);
      const stored = await context.workerPools.get(name);
      if (!stored && request.allowMissing) return createMissing(context, request, email);
      if (!stored) throw workerPoolNotFound(name);
      const wishOf = (current: WorkerPoolRecord) => wishFrom(current, request);
      if (!request.validateOnly) return (await applyUpdate(context, name, wishOf, email)).operation;
      const author = { email, nowMs: context.clock.nowMs() };
      const workerPool = changedWorkerPool(stored.workerPool, wishOf(stored).workerPool, author);
      return validatedOperation(WorkerPoolSchema, workerPoolView({ ...stored, workerPool }), context.ids.uuid());
    },
  );

/** System metadata that only v1 shows stays as it is: v2 has fields for what it means. */
function wishFrom(
  { workerPool: current, hidden, version }: WorkerPoolRecord,
  { workerPool: patch, updateMask, forceNewRevision }: UpdateWorkerPoolRequest,
): WorkerPoolWish {
  checkEtag(patch!.etag, etagOf(current.uid, version));
  const mask = updateMask?.paths.length ? updateMask : create(FieldMaskSchema, { paths: ["*"] });
  const workerPool = applyFieldMask(WorkerPoolSchema, current, patch!, mask);
  workerPool.name = current.name;
  const { metadata, template } = hidden;
  return validWorkerPoolWish({ workerPool, metadata, template, forceNewRevision }, NAMING);
}

async function createMissing(
  context: RunContext,
  { workerPool, validateOnly }: UpdateWorkerPoolRequest,
  email: string,
): Promise<Operation> {
  const { location, workerPool: id } = parseWorkerPoolName(workerPool!.name);
  assertLocation(location);
  checkWorkerPoolId(id);
  const hidden = { metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA };
  const wish = validWorkerPoolWish({ workerPool: workerPool!, ...hidden }, NAMING);
  if (!validateOnly) return (await createWorkerPool(context, wish, email)).operation;
  const planned = workerPoolView(plannedWorkerPool(context, wish, email));
  return validatedOperation(WorkerPoolSchema, planned, context.ids.uuid());
}
