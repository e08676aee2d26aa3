import type { Reconcile } from "../../platform/wakeups/wakeups.ts";
import { isFinalAnswer } from "../../wire/transient.ts";
import type { Deps } from "./deps.ts";
import { DeploymentFailure, internalFailure } from "./errors.ts";
import { failedFunction } from "./failed-function.ts";
import { PATIENCE_MS } from "./limits.ts";
import { saveEnd, saveProgress } from "./save.ts";
import { buildStep } from "./steps/build-step.ts";
import { deleteStep } from "./steps/delete-step.ts";
import { detachStep } from "./steps/detach-step.ts";
import { rollbackStep } from "./steps/rollback-step.ts";
import { serviceStep } from "./steps/service-step.ts";
import type { StepOutcome, Work } from "./steps/step.ts";
import { triggerStep } from "./steps/trigger-step.ts";

const STEPS = {
  BUILD: buildStep,
  SERVICE: serviceStep,
  TRIGGER: triggerStep,
  ROLLBACK: rollbackStep,
  DELETE: deleteStep,
  DETACH: detachStep,
} as const;

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
    return fail(deps, work, failure);
  }
}

/** Where the new service runs already, what was before comes back; where that fails too, the first failure is told. */
async function fail(deps: Deps, work: Work, failure: DeploymentFailure): Promise<StepOutcome> {
  const { stored, deployment } = work;
  if (deployment.step === "TRIGGER" && deployment.previous) {
    const { type, message, code } = failure;
    await saveProgress(deps, stored, { ...deployment, step: "ROLLBACK", failure: { type, message, code } });
    return "AGAIN";
  }
  const first = deployment.failure;
  const told = first ? new DeploymentFailure(first.type, first.message, first.code) : failure;
  await saveEnd(deps, failedFunction(deps, work, told), deployment, told);
  return { settled: true };
}

/** What an error ends the deployment with; undefined for one that another try may heal. A deletion is never given up. */
function failureOf({ clock }: Deps, { deployment }: Work, error: unknown): DeploymentFailure | undefined {
  if (error instanceof DeploymentFailure) return error;
  if (isFinalAnswer(error) && deployment.step !== "DELETE")
    return new DeploymentFailure("DeploymentFailed", error.message, error.code);
  const isPatient = deployment.step === "DELETE" || clock.nowMs() - deployment.progressMs < PATIENCE_MS;
  return isPatient ? undefined : internalFailure();
}
