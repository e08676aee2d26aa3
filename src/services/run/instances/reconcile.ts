import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { RunContext } from "../context.ts";
import { finishDeleteOperations } from "../resource-operations.ts";
import { runInstance, stopInstance } from "./run.ts";
import { settleInstance } from "./settle.ts";
import type { InstanceRecord } from "./store.ts";
import { instanceView } from "./view.ts";

const SETTLED: Outcome = { settled: true };
const LOOK_AGAIN: Outcome = { settled: false, retryInMs: 0 };

/** Brings instances (keys are full names) to what was asked of them; a newer intent cuts the work for an older one short. */
export function reconcileInstance(context: RunContext): Reconcile {
  return async (name, signal) => {
    using attempt = context.attempts.begin(name, signal);
    const record = await context.instances.get(name);
    if (!record?.instance.reconciling) return SETTLED;
    try {
      if (record.instance.deleteTime) return await finishDeletion(context, record);
      const isRunning = record.hidden.intent === "RUN";
      const settlement = await (isRunning ? runInstance : stopInstance)(context, record, attempt.signal);
      return (await settleInstance(context, record, settlement)) ? SETTLED : LOOK_AGAIN;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt.signal.aborted) return LOOK_AGAIN;
      throw error;
    }
  };
}

/** Stops an instance and forgets it; operations that it overtook are ABORTED. */
async function finishDeletion(context: RunContext, record: InstanceRecord): Promise<Outcome> {
  const { name } = record.instance;
  context.serving.removeRoute(name);
  await context.placements.remove(name);
  await context.store.transact(async (transaction) => {
    await context.instances.delete(transaction, name);
    const view: Instance = { ...instanceView(record), reconciling: false };
    await finishDeleteOperations(context, transaction, InstanceSchema, view, record.hidden.operationId);
  });
  return SETTLED;
}
