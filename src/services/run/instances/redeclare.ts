import { Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { RunContext } from "../context.ts";
import { every } from "../every.ts";
import { declareInstance } from "./run.ts";

/** Tells the serving floor of every instance that runs, so that it runs again after a restart. */
export async function redeclareInstances(context: RunContext): Promise<void> {
  for await (const { instance, hidden } of every(context.instances.all, "projects/-/locations/-")) {
    const isRunning = instance.terminalCondition?.state === Condition_State.CONDITION_SUCCEEDED;
    if (isRunning && hidden.intent === "RUN") declareInstance(context, instance, true);
  }
}
