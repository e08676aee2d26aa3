import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import { failed } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { finishOperations } from "../resource-operations.ts";
import { setRunning } from "./instance.ts";
import type { Settlement } from "./run.ts";
import type { InstanceRecord } from "./store.ts";
import { instanceView } from "./view.ts";

/**
 * Writes what became of an instance and finishes what was asked of it. Resolves with false when a newer intent came in
 * between, or when it has ended meanwhile: nothing was written.
 */
export async function settleInstance(
  context: RunContext,
  seen: InstanceRecord,
  settlement: Settlement,
): Promise<boolean> {
  const { store, instances, clock } = context;
  return store.transact(async (transaction) => {
    const stored = await instances.get(seen.instance.name, transaction);
    if (stored?.instance.generation !== seen.instance.generation) return false;
    if (stored.hidden.intent !== seen.hidden.intent) return false;
    const failure = "failure" in settlement ? settlement.failure : undefined;
    const instance = clone(InstanceSchema, stored.instance);
    const nowMs = clock.nowMs();
    setRunning(instance, "change" in settlement ? settlement.change : failed(settlement.failure), nowMs);
    if (!failure) instance.observedGeneration = instance.generation;
    instance.updateTime = timestampFromMs(nowMs);
    instance.reconciling = false;
    const record = await instances.update(transaction, { ...stored, instance });
    const error = failure && new ApiError(failure.code, failure.message);
    await finishOperations(context, transaction, InstanceSchema, instanceView(record), error);
    return true;
  });
}
