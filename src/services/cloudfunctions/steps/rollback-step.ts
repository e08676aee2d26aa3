import { clone } from "@bufbuild/protobuf";
import { FunctionSchema } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Deps } from "../deps.ts";
import { DeploymentFailure } from "../errors.ts";
import { failedFunction } from "../failed-function.ts";
import { parseFunctionName } from "../function-name.ts";
import { saveEnd } from "../save.ts";
import { deploymentIdOf } from "../stored-function.ts";
import { deleteTrigger, ensureTrigger } from "../triggers.ts";
import { servedFunction } from "./active-function.ts";
import { ensureService } from "./service-step.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/** Stages SERVICE_ROLLBACK and TRIGGER_ROLLBACK: after a failed TRIGGER stage the version before serves again, and its trigger. */
export async function rollbackStep(deps: Deps, { stored, deployment, signal }: Work): Promise<StepOutcome> {
  const name = parseFunctionName(stored.name);
  const { type, message, code } = deployment.failure!;
  const previous = deployment.previous!;
  const wanted = { ...previous, deploymentId: `${deploymentIdOf(stored)}-rollback` };
  const service = await ensureService(deps, name, wanted, signal);
  if (service === "AGAIN" || "settled" in service) return service;
  const fn = clone(FunctionSchema, servedFunction(previous.function, name, service, ""));
  const work = { name, functionName: stored.name, signal };
  if (fn.eventTrigger && !(await ensureTrigger(deps, fn.eventTrigger, work))) return STILL_WORKING;
  const refused = stored.function.eventTrigger?.trigger ?? "";
  if (refused !== fn.eventTrigger?.trigger && !(await deleteTrigger(deps, refused, work))) return STILL_WORKING;
  const failure = new DeploymentFailure(type, message, code);
  const restored = { ...deployment, previous: { ...previous, function: fn } };
  await saveEnd(deps, failedFunction(deps, { stored, deployment: restored }, failure), deployment, failure);
  return { settled: true };
}
