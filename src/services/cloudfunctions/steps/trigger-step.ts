import { clone } from "@bufbuild/protobuf";
import { type Function, FunctionSchema } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Deps } from "../deps.ts";
import { parseFunctionName } from "../function-name.ts";
import { saveEnd } from "../save.ts";
import { deleteTrigger, ensureTrigger } from "../triggers.ts";
import { activeFunction } from "./active-function.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/**
 * Stage TRIGGER: Eventarc brings the function its events; then the function is ACTIVE. A trigger that it had before and
 * has no more goes last, so that no event is missed between the two.
 */
export async function triggerStep(deps: Deps, { stored, deployment, signal }: Work): Promise<StepOutcome> {
  const work = { name: parseFunctionName(stored.name), functionName: stored.name, signal };
  const fn: Function = clone(FunctionSchema, stored.function);
  const wanted = fn.eventTrigger;
  if (wanted) {
    const trigger = await ensureTrigger(deps, wanted, work);
    if (!trigger) return STILL_WORKING;
    wanted.pubsubTopic = trigger.transport?.intermediary.value?.topic ?? wanted.pubsubTopic;
  }
  const { formerTrigger } = deployment;
  if (formerTrigger !== wanted?.trigger && !(await deleteTrigger(deps, formerTrigger, work))) return STILL_WORKING;
  await saveEnd(deps, { ...stored, function: activeFunction(deps, fn) }, deployment);
  return { settled: true };
}
