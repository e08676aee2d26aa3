import { beingDeleted, resourceExists } from "../resource-errors.ts";
import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import { startOperation } from "../resource-operations.ts";
import { formatServiceName } from "../names.ts";
import type { Author } from "../services/service.ts";
import { instanceNotFound } from "./errors.ts";
import { changedInstance, deletedInstance, newInstance, serviceNameFor } from "./instance.ts";
import type { HiddenInstance, InstanceRecord } from "./store.ts";
import { instanceView } from "./view.ts";

/** What is asked of an instance that is there. */
export type Wanted = "RUN" | "STOP" | "DELETE";

/** Writes a new instance, the operation and the wake-up in one transaction. `wish` is valid, with its defaults. */
export async function createInstance(context: RunContext, wish: Instance, email: string): Promise<Operation> {
  const { ids, clock, instances, store } = context;
  const [uid, operationId] = [ids.uuid(), ids.uuid()];
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    await assertNameFree(context, wish, transaction);
    const instance = newInstance(wish, uid, author);
    const record: InstanceRecord = { instance, hidden: { operationId, intent: "RUN" }, version: 1 };
    await instances.insert(transaction, record);
    return started(context, transaction, record);
  });
}

/**
 * Writes what is asked of an instance, the operation and the wake-up in one transaction; `check` rejects when it must
 * not be changed. To ask for what is so already is a change like any other.
 */
export async function changeInstance(
  context: RunContext,
  name: string,
  wanted: Wanted,
  check: (current: InstanceRecord) => void,
  email: string,
): Promise<Operation> {
  const { ids, clock, instances, store } = context;
  const operationId = ids.uuid();
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await instances.get(name, transaction);
    if (!current) throw instanceNotFound(name);
    if (current.instance.deleteTime) throw beingDeleted(name);
    check(current);
    const change = wanted === "DELETE" ? deletedInstance : changedInstance;
    const intent: HiddenInstance["intent"] = wanted === "RUN" ? "RUN" : "STOP";
    const record = { ...current, instance: change(current.instance, author), hidden: { operationId, intent } };
    return started(context, transaction, await instances.update(transaction, record));
  });
}

/** ALREADY_EXISTS when an instance or a service has the name: they share hosts. Google: Cloud Run docs, instances. */
export async function assertNameFree(
  { rows, instances }: RunContext,
  instance: Pick<Instance, "name">,
  transaction?: StoreTransaction,
): Promise<void> {
  const service = formatServiceName(serviceNameFor(instance));
  const taken = (await instances.get(instance.name, transaction)) ?? (await rows.getService(service, transaction));
  if (taken) throw resourceExists(instance.name);
}

async function started(context: RunContext, transaction: StoreTransaction, record: InstanceRecord): Promise<Operation> {
  const view = instanceView(record);
  const operation = await startOperation(context, transaction, record.hidden.operationId, InstanceSchema, view);
  await context.wakeups.wake(transaction, "run.instance", view.name);
  transaction.afterCommit(() => context.attempts.supersede(view.name));
  return operation;
}
