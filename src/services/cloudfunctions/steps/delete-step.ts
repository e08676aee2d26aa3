import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { unless } from "../api-errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf, type FunctionName, parseFunctionName, serviceNameOf } from "../function-name.ts";
import { deleteImages } from "../repository.ts";
import { saveDeleted } from "../save.ts";
import { belongsTo } from "../service-plan.ts";
import { pruneSources } from "../source.ts";
import { deleteTrigger } from "../triggers.ts";
import { waitAWhile } from "../wait.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/** Removes trigger, service, source and images of a function, then the function; what is gone already is no fault. */
export async function deleteStep(deps: Deps, { stored, deployment, signal }: Work): Promise<StepOutcome> {
  const name = parseFunctionName(stored.name);
  if (!(await deleteTrigger(deps, deployment.formerTrigger, { name, signal }))) return STILL_WORKING;
  if (!(await deleteService(deps, name, signal))) return STILL_WORKING;
  await pruneSources(deps, name, 0);
  const repository = stored.function.buildConfig?.dockerRepository ?? "";
  if (!(await deleteImages(deps, repository, name, signal))) return STILL_WORKING;
  await saveDeleted(deps, stored, deployment);
  return { settled: true };
}

/** Resolves with true once the function has no service any more; a service of somebody else is left alone. */
async function deleteService(deps: Deps, name: FunctionName, signal: AbortSignal): Promise<boolean> {
  const services = deps.clients.of(Services, agentOf(name.project), signal);
  const serviceName = serviceNameOf(name);
  const service = await unless(services.getService({ name: serviceName }), Code.NOT_FOUND);
  if (!service || !belongsTo(service, name)) return true;
  if (service.deleteTime) return false;
  const operation = await unless(services.deleteService({ name: serviceName }), Code.NOT_FOUND, Code.ABORTED);
  if (!operation) return false;
  return (await waitAWhile(deps, name.project, operation.name, signal)).done;
}
