import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  Function_State as State,
  FunctionSchema,
  StateMessage_Severity as Severity,
  StateMessageSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { Reconcile } from "../../platform/wakeups/wakeups.ts";
import { ApiError } from "../../wire/errors.ts";
import type { Deps } from "./deps.ts";
import { DeploymentFailure, internalFailure } from "./errors.ts";
import { PATIENCE_MS } from "./limits.ts";
import { saveEnd } from "./save.ts";
import { buildStep } from "./steps/build-step.ts";
import { deleteStep } from "./steps/delete-step.ts";
import { detachStep } from "./steps/detach-step.ts";
import { serviceStep } from "./steps/service-step.ts";
import type { StepOutcome, Work } from "./steps/step.ts";
import type { StoredFunction } from "./stored-function.ts";

const STEPS = { BUILD: buildStep, SERVICE: serviceStep, DELETE: deleteStep, DETACH: detachStep } as const;

/** Codes of answers that another try may change. */
const TRANSIENT: readonly Code[] = [
  Code.INTERNAL,
  Code.UNAVAILABLE,
  Code.ABORTED,
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
  Code.UNKNOWN,
];

/** Takes a function's deployment step by step to its end; each step finds what an earlier attempt has made. */
export function reconcileFunction(deps: Deps): Reconcile {
  return async (name, signal) => {
    for (;;) {
      signal.throwIfAborted();
      const stored = await deps.functions.get(name);
      if (!stored?.deployment) return { settled: true };
      const outcome = await attempt(deps, { stored, deployment: stored.deployment, signal });
      if (outcome !== "AGAIN") return outcome;
    }
  };
}

async function attempt(deps: Deps, work: Work): Promise<StepOutcome> {
  try {
    return await STEPS[work.deployment.step](deps, work);
  } catch (error) {
    const failure = failureOf(deps, work, error);
    if (!failure) throw error;
    await saveEnd(deps, failedFunction(deps, work, failure), work.deployment, failure);
    return { settled: true };
  }
}

/** What an error ends the deployment with; undefined for one that another try may heal. A deletion is never given up. */
function failureOf({ clock }: Deps, { deployment }: Work, error: unknown): DeploymentFailure | undefined {
  if (error instanceof DeploymentFailure) return error;
  const isFinal = error instanceof ApiError && !TRANSIENT.includes(error.code);
  if (isFinal && deployment.step !== "DELETE")
    return new DeploymentFailure("DeploymentFailed", error.message, error.code);
  const isPatient = deployment.step === "DELETE" || clock.nowMs() - deployment.progressMs < PATIENCE_MS;
  return isPatient ? undefined : internalFailure();
}

/** After a failed update the last version goes on serving, and is what the function is; without one it is FAILED. */
function failedFunction({ clock }: Deps, { stored, deployment }: Work, failure: DeploymentFailure): StoredFunction {
  const { previous } = deployment;
  const fn: Function = clone(FunctionSchema, previous?.function ?? stored.function);
  fn.state = previous ? State.ACTIVE : State.FAILED;
  fn.updateTime = timestampFromMs(clock.nowMs());
  const { type, message } = failure;
  fn.stateMessages = [create(StateMessageSchema, { severity: Severity.ERROR, type, message })];
  return { ...stored, function: fn, image: previous?.image ?? "" };
}
