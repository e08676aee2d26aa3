import { clone, create } from "@bufbuild/protobuf";
import { type Trigger, TriggerSchema } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Principal } from "../../../wire/credentials/principal.ts";
import { alreadyExists } from "../../../wire/errors.ts";
import { canonicalName } from "../../../wire/interceptors/canonical-projects.ts";
import { type Deps, TRIGGER_KIND } from "../deps.ts";
import { operationUnderWay } from "../errors.ts";
import { checkTriggerLocation } from "../locations.ts";
import { checkId, isFunctionsAgent, parseResourceName } from "../names.ts";
import { findEventType } from "../providers/catalog.ts";
import { subscriptionNameOf, topicNameOf } from "../transport/names.ts";
import { checkSurroundings } from "./check-surroundings.ts";
import { typeOf } from "./filters.ts";
import { newStart, startOperation, unstoredOperation } from "../operations.ts";
import { operationOf } from "./save.ts";
import { type StoredTrigger, toRow, triggerOf, type Work } from "./stored-trigger.ts";
import { validateTrigger } from "./validate-trigger.ts";

/** Checks a new trigger and starts making it; only checks when that is asked for. */
export async function startCreate(
  deps: Deps,
  name: string,
  given: Trigger,
  { validateOnly, caller }: { readonly validateOnly: boolean; readonly caller: Principal },
): Promise<Operation> {
  const parts = parseResourceName(name, "triggers");
  const asked = await canonical(deps, given);
  const trigger = isFunctionsAgent(caller) ? withContentType(asked) : asked;
  checkId(parts.id, "trigger_id");
  checkTriggerLocation(parts.location);
  validateTrigger(trigger, parts.location, isFunctionsAgent(caller));
  await checkSurroundings(deps, parts, trigger);
  const uid = deps.ids.uuid();
  const nowMs = deps.clock.nowMs();
  const topic = trigger.transport?.intermediary.value?.topic ?? "";
  const stored: StoredTrigger = {
    name,
    uid,
    generation: 1,
    version: 1,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
    trigger,
    transport: {
      topic: topic || topicNameOf(parts, uid),
      ownsTopic: topic === "",
      subscription: subscriptionNameOf(parts, uid),
    },
    work: newWork(deps, "CREATE", name),
  };
  if (await deps.triggers.get(name)) throw alreadyExists(name);
  if (validateOnly) return validated(deps, stored);
  return deps.store.transact(async (transaction) => {
    try {
      await deps.triggers.insert(transaction, toRow(stored));
    } catch (error) {
      throw error instanceof DuplicateResourceError ? alreadyExists(name) : error;
    }
    return begin(deps, transaction, stored);
  });
}

/** Starts a change or a deletion in the caller's transaction; ABORTED while another one is under way. */
export async function startChange(
  deps: Deps,
  transaction: StoreTransaction,
  current: StoredTrigger,
  change: { readonly kind: "UPDATE"; readonly trigger: Trigger } | { readonly kind: "DELETE" },
): Promise<Operation> {
  if (current.work) throw operationUnderWay();
  const isUpdate = change.kind === "UPDATE";
  const work = newWork(deps, change.kind, current.name);
  const next: StoredTrigger = {
    ...current,
    generation: current.generation + 1,
    trigger: isUpdate ? change.trigger : current.trigger,
    updateTimeMs: isUpdate ? deps.clock.nowMs() : current.updateTimeMs,
    work: isUpdate ? { ...work, previous: current.trigger } : work,
  };
  await deps.triggers.update(transaction, toRow(next));
  return begin(deps, transaction, next);
}

/** What a request that is only to be validated is answered with: an operation that is done and kept nowhere. */
export function validated(deps: Deps, stored: StoredTrigger, kind: Work["kind"] = "CREATE"): Operation {
  const start = operationOf(stored, newWork(deps, kind, stored.name));
  return unstoredOperation(start, TriggerSchema, triggerOf({ ...stored, work: undefined }));
}

/** What a deletion of a trigger that is not there is answered with, where that is allowed. */
export function nothingToDelete(deps: Deps, name: string): Operation {
  const work = newWork(deps, "DELETE", name);
  return unstoredOperation(operationOf({ name }, work), TriggerSchema, create(TriggerSchema, { name }));
}

/** With the project's id for its number in what the trigger names. */
async function canonical({ projects }: Deps, given: Trigger): Promise<Trigger> {
  const trigger = clone(TriggerSchema, given);
  trigger.channel = await canonicalName(trigger.channel, projects);
  const pubsub = trigger.transport?.intermediary.value;
  if (pubsub) pubsub.topic = await canonicalName(pubsub.topic, projects);
  return trigger;
}

/** Cloud Functions leaves the encoding of the data to Eventarc, also where Eventarc has no default for others. */
function withContentType(trigger: Trigger): Trigger {
  const offered = trigger.channel === "" ? findEventType(typeOf(trigger))?.contentTypes : undefined;
  if (trigger.eventDataContentType !== "" || !offered || offered.includes("application/json")) return trigger;
  return { ...trigger, eventDataContentType: offered[0]! };
}

function newWork(deps: Deps, kind: Work["kind"], name: string): Work {
  const { name: operation, startTimeMs } = newStart(deps, name, "create");
  return { kind, operation, startTimeMs };
}

async function begin(deps: Deps, transaction: StoreTransaction, stored: StoredTrigger): Promise<Operation> {
  await deps.wakeups.wake(transaction, TRIGGER_KIND, stored.name);
  return startOperation(deps, transaction, operationOf(stored, stored.work!));
}
