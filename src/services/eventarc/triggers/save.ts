import { TriggerSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { endOperation, type OperationStart } from "../operations.ts";
import { fromRow, type StoredTrigger, toRow, triggerOf, type Work } from "./stored-trigger.ts";

/** The trigger of that name; undefined when there is none. */
export async function readTrigger(
  { triggers }: Pick<Deps, "triggers">,
  name: string,
  transaction?: StoreTransaction,
): Promise<StoredTrigger | undefined> {
  const row = await triggers.get(name, transaction);
  return row && fromRow(row);
}

/** Notes why work cannot be done; from then on it is taken back. */
export async function saveFailure(deps: Deps, stored: StoredTrigger, error: ApiError): Promise<void> {
  const work: Work = { ...stored.work!, failure: { code: error.code, message: error.message } };
  // After a failed update the trigger is what it was before, and looks like it at once.
  const trigger = work.previous ?? stored.trigger;
  const swapped = work.previous ? { ...work, previous: stored.trigger } : work;
  await deps.store.transact((transaction) =>
    deps.triggers.update(transaction, toRow({ ...stored, trigger, work: swapped })),
  );
}

/** Ends the work: the trigger stays, and the operation ends with it, or with the failure. */
export async function saveSettled(deps: Deps, stored: StoredTrigger): Promise<void> {
  await deps.store.transact(async (transaction) => {
    const row = await deps.triggers.update(transaction, toRow({ ...stored, work: undefined }));
    await endWork(deps, transaction, stored, fromRow(row));
  });
}

/** Ends the work: the trigger is gone with its policy, and the operation ends with what it was, or with the failure. */
export async function saveGone(deps: Deps, stored: StoredTrigger): Promise<void> {
  await deps.store.transact(async (transaction) => {
    await deps.triggers.delete(transaction, stored.name);
    await deps.policies.delete(transaction, stored.name);
    await endWork(deps, transaction, stored, stored);
  });
}

/** What the operation of a trigger's work was started with. */
export function operationOf({ name }: Pick<StoredTrigger, "name">, work: Work): OperationStart {
  const verb = ({ CREATE: "create", UPDATE: "update", DELETE: "delete" } as const)[work.kind];
  return { name: work.operation, target: name, verb, startTimeMs: work.startTimeMs };
}

function endWork(deps: Deps, transaction: StoreTransaction, before: StoredTrigger, after: StoredTrigger) {
  const work = before.work!;
  const result = work.failure ? { failure: work.failure } : { schema: TriggerSchema, message: triggerOf(after) };
  return endOperation(deps, transaction, operationOf(before, work), result);
}
