import { create } from "@bufbuild/protobuf";
import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { type Trigger, TriggerSchema } from "../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import type { EventTrigger, Function } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Operation } from "../../gen/google/longrunning/operations_pb.js";
import { Publisher } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { unless } from "./api-errors.ts";
import type { Deps } from "./deps.ts";
import { triggerFailed, triggerRefused } from "./errors.ts";
import { isAsPlanned, ownTopicOf, planTrigger, TRIGGER_MASK } from "./event-trigger.ts";
import { agentOf, type FunctionName, serviceIdOf } from "./function-name.ts";
import { waitAWhile } from "./wait.ts";

/** A function's trigger as work on it needs it. */
interface TriggerWork {
  readonly name: FunctionName;
  readonly functionName: string;
  readonly signal: AbortSignal;
}

/**
 * Asks Eventarc whether it would take the function's trigger, so that a refusal comes at once and not after a build. Google
 * does so before it answers, too. A topic that is still to be made is left out of the question.
 */
export async function checkTrigger(
  deps: Pick<Deps, "clients">,
  name: FunctionName,
  fn: Function,
  current: EventTrigger | undefined,
): Promise<void> {
  const wanted = fn.eventTrigger;
  if (!wanted) return;
  const eventarc = deps.clients.of(Eventarc, agentOf(name.project));
  const trigger = planTrigger(wanted, fn.name);
  if (!(await hasTopic(deps, name, wanted))) delete trigger.transport;
  const request = { ...placeOf(wanted.trigger), trigger, validateOnly: true };
  const updateMask = { paths: [...TRIGGER_MASK] };
  try {
    if (current?.trigger !== wanted.trigger) await eventarc.createTrigger(request);
    else await eventarc.updateTrigger({ trigger, updateMask, allowMissing: true, validateOnly: true });
  } catch (error) {
    throw error instanceof ApiError ? triggerRefused(wanted.trigger, error) : error;
  }
}

/** Makes a function's trigger and its topic, or changes them to what is wanted; undefined while Eventarc works on it. */
export async function ensureTrigger(
  deps: Pick<Deps, "clients">,
  wanted: EventTrigger,
  { name, functionName, signal }: TriggerWork,
): Promise<Trigger | undefined> {
  await ensureTopic(deps, name, wanted);
  const eventarc = deps.clients.of(Eventarc, agentOf(name.project), signal);
  const planned = planTrigger(wanted, functionName);
  const read = () => unless(eventarc.getTrigger({ name: wanted.trigger }), Code.NOT_FOUND);
  const trigger = await read();
  if (trigger && isAsPlanned(trigger, planned)) return isReady(trigger) ? trigger : undefined;
  const updateMask = { paths: [...TRIGGER_MASK] };
  const change = trigger
    ? eventarc.updateTrigger({ trigger: planned, updateMask })
    : eventarc.createTrigger({ ...placeOf(wanted.trigger), trigger: planned });
  const operation = await unless(refusable(change, wanted.trigger), Code.ABORTED, Code.ALREADY_EXISTS);
  const done = operation && (await finished(deps, name, operation, signal));
  if (done?.result.case === "error")
    throw triggerFailed(wanted.trigger, done.result.value.message, done.result.value.code);
  return done ? read() : undefined;
}

/** Removes a trigger; resolves with true once it is gone. */
export async function deleteTrigger(
  deps: Pick<Deps, "clients">,
  trigger: string,
  { name, signal }: Pick<TriggerWork, "name" | "signal">,
): Promise<boolean> {
  if (trigger === "") return true;
  const eventarc = deps.clients.of(Eventarc, agentOf(name.project), signal);
  if (!(await unless(eventarc.getTrigger({ name: trigger }), Code.NOT_FOUND))) return true;
  const operation = await unless(eventarc.deleteTrigger({ name: trigger }), Code.NOT_FOUND, Code.ABORTED);
  return operation !== undefined && (await finished(deps, name, operation, signal)) !== undefined;
}

/** Leaves the trigger of a function that is detached to Eventarc, with the function's service as its destination. */
export async function releaseTrigger(
  deps: Pick<Deps, "clients">,
  trigger: string,
  { name, signal }: Pick<TriggerWork, "name" | "signal">,
): Promise<boolean> {
  const eventarc = deps.clients.of(Eventarc, agentOf(name.project), signal);
  const found = trigger === "" ? undefined : await unless(eventarc.getTrigger({ name: trigger }), Code.NOT_FOUND);
  if (!found || found.destination?.descriptor.case === "cloudRun") return true;
  const cloudRun = { service: serviceIdOf(name), region: name.location };
  const released = create(TriggerSchema, {
    name: trigger,
    destination: { descriptor: { case: "cloudRun", value: cloudRun } },
  });
  const change = eventarc.updateTrigger({ trigger: released, updateMask: { paths: ["destination", "labels"] } });
  const operation = await unless(change, Code.ABORTED);
  return operation !== undefined && (await finished(deps, name, operation, signal)) !== undefined;
}

/** Google: "If the topic does not exist, it is created"; it stays when the function goes. */
async function ensureTopic(deps: Pick<Deps, "clients">, name: FunctionName, wanted: EventTrigger): Promise<void> {
  if (await hasTopic(deps, name, wanted)) return;
  const publisher = deps.clients.of(Publisher, agentOf(name.project));
  await unless(publisher.createTopic({ name: ownTopicOf(wanted) }), Code.ALREADY_EXISTS);
}

/** Whether the topic that the user named, if any, is there. */
async function hasTopic(deps: Pick<Deps, "clients">, name: FunctionName, wanted: EventTrigger): Promise<boolean> {
  const topic = ownTopicOf(wanted);
  if (topic === "") return true;
  const publisher = deps.clients.of(Publisher, agentOf(name.project));
  return (await unless(publisher.getTopic({ topic }), Code.NOT_FOUND)) !== undefined;
}

/** A trigger whose transport is not there yet is still being made. */
function isReady({ transport }: Trigger): boolean {
  return transport?.intermediary.value?.subscription !== "";
}

async function refusable(change: Promise<Operation>, trigger: string): Promise<Operation> {
  try {
    return await change;
  } catch (error) {
    const isFinal = error instanceof ApiError && FINAL.includes(error.code);
    throw isFinal ? triggerFailed(trigger, error.message, error.code) : error;
  }
}

const FINAL: readonly Code[] = [Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION, Code.UNIMPLEMENTED, Code.NOT_FOUND];

/** The operation once it is done; undefined while it goes on. */
async function finished(
  deps: Pick<Deps, "clients">,
  { project }: FunctionName,
  operation: Operation,
  signal: AbortSignal,
): Promise<Operation | undefined> {
  const latest = operation.done ? operation : await waitAWhile(deps, project, operation.name, signal);
  return latest.done ? latest : undefined;
}

/** Parent and id of a trigger that is to be made. */
function placeOf(trigger: string): { readonly parent: string; readonly triggerId: string } {
  const [parent, triggerId] = trigger.split("/triggers/") as [string, string];
  return { parent, triggerId };
}
