import { FunctionSchema } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { isApiError, unless } from "../api-errors.ts";
import type { Deps } from "../deps.ts";
import { DeploymentFailure } from "../errors.ts";
import { agentOf, parseFunctionName, serviceNameOf } from "../function-name.ts";
import { saveGone } from "../save.ts";
import { belongsTo, DETACHED_MASK, detachedService, isDeployedBy } from "../service-plan.ts";
import { deploymentIdOf } from "../stored-function.ts";
import { releaseTrigger } from "../triggers.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/** Leaves the service to Cloud Run and the trigger to Eventarc, then forgets the function; source and image stay, since the service lives on. */
export async function detachStep(deps: Deps, { stored, deployment, signal }: Work): Promise<StepOutcome> {
  const name = parseFunctionName(stored.name);
  const services = deps.clients.of(Services, agentOf(name.project), signal);
  const service = await unless(services.getService({ name: serviceNameOf(name) }), Code.NOT_FOUND);
  if (service && isDeployedBy(service, deploymentIdOf(stored))) {
    if (!(await releaseTrigger(deps, deployment.formerTrigger, { name, signal }))) return STILL_WORKING;
    await saveGone(deps, stored, deployment, FunctionSchema, stored.function);
    return { settled: true };
  }
  if (!service || !belongsTo(service, name)) {
    const message = `Function ${stored.name} has no Cloud Run service that could be detached.`;
    throw new DeploymentFailure("CloudRunServiceNotFound", message, Code.FAILED_PRECONDITION);
  }
  const detached = detachedService(service, deploymentIdOf(stored));
  const isChanging = (error: unknown) => isApiError(error, Code.ABORTED, Code.NOT_FOUND);
  try {
    await services.updateService({ service: detached, updateMask: { paths: [...DETACHED_MASK] } });
    return "AGAIN";
  } catch (error) {
    if (isChanging(error)) return STILL_WORKING;
    throw error;
  }
}
