import type { Function } from "../../../gen/google/cloud/functions/v2/functions_pb.js";
import {
  Condition_RevisionReason as RevisionReason,
  Condition_State as ConditionState,
} from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { type Service, Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Client } from "../../../wire/in-process/client.ts";
import { isApiError, unless } from "../api-errors.ts";
import type { Deps } from "../deps.ts";
import { DeploymentFailure, healthCheckFailed, serviceFailed, serviceNameTaken } from "../errors.ts";
import {
  agentOf,
  formatLocation,
  type FunctionName,
  parseFunctionName,
  serviceIdOf,
  serviceNameOf,
} from "../function-name.ts";
import { saveEnd, saveProgress } from "../save.ts";
import { belongsTo, isDeployedBy, planService, serviceMaskOf } from "../service-plan.ts";
import { pruneSources } from "../source.ts";
import { deploymentIdOf } from "../stored-function.ts";
import { waitAWhile } from "../wait.ts";
import { activeFunction, servedFunction } from "./active-function.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/** Stage SERVICE: the function's Cloud Run service runs the image; then its events are next, or it is ACTIVE. */
export async function serviceStep(deps: Deps, work: Work): Promise<StepOutcome> {
  const { stored, deployment } = work;
  const name = parseFunctionName(stored.name);
  const wanted = { function: stored.function, image: stored.image, deploymentId: deploymentIdOf(stored) };
  const service = await ensureService(deps, name, wanted, work.signal);
  if (service === "AGAIN" || "settled" in service) return service;
  await pruneSources(deps, name);
  const served = servedFunction(stored.function, name, service, deployment.buildId);
  if (deployment.hasTrigger) {
    await saveProgress(deps, stored, { ...deployment, step: "TRIGGER" }, { function: served });
    return "AGAIN";
  }
  await saveEnd(deps, { ...stored, function: activeFunction(deps, served) }, deployment);
  return { settled: true };
}

/** What a function's service is to run. */
export interface WantedService {
  readonly function: Function;
  readonly image: string;
  /** Marks who asked for it: the same service is asked for once. */
  readonly deploymentId: string;
}

/** Resolves with the function's service once it is ready and runs what is wanted; rejects when it cannot. */
export async function ensureService(
  deps: Deps,
  name: FunctionName,
  wanted: WantedService,
  signal: AbortSignal,
): Promise<Service | StepOutcome> {
  const services = deps.clients.of(Services, agentOf(name.project), signal);
  const service = await unless(services.getService({ name: serviceNameOf(name) }), Code.NOT_FOUND);
  if (service && !belongsTo(service, name)) {
    const { message } = serviceNameTaken(serviceIdOf(name));
    throw new DeploymentFailure("CloudRunServiceExists", message, Code.ALREADY_EXISTS);
  }
  if (!service || !isDeployedBy(service, wanted.deploymentId)) {
    const operation = await deploy(services, wanted, name, service);
    if (operation) await waitAWhile(deps, name.project, operation.name, signal);
    return operation ? "AGAIN" : STILL_WORKING;
  }
  if (service.reconciling) return STILL_WORKING;
  if (service.terminalCondition?.state === ConditionState.CONDITION_FAILED) throw failureOf(service, name);
  return service;
}

/** Asks Cloud Run for the service; undefined when it still deletes the last one of this name. */
async function deploy(
  services: Client<typeof Services>,
  wanted: WantedService,
  name: FunctionName,
  current: Service | undefined,
): Promise<Operation | undefined> {
  const planned = planService(wanted.function, name, wanted.image, wanted.deploymentId);
  try {
    if (!current) {
      const parent = formatLocation(name);
      return await services.createService({ parent, serviceId: serviceIdOf(name), service: planned });
    }
    planned.annotations = { ...current.annotations, ...planned.annotations };
    return await services.updateService({ service: planned, updateMask: { paths: serviceMaskOf(wanted.function) } });
  } catch (error) {
    if (isApiError(error, Code.ABORTED, Code.ALREADY_EXISTS)) return undefined;
    if (isApiError(error, Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION, Code.UNIMPLEMENTED))
      throw serviceFailed(serviceIdOf(name), error.message, error.code);
    throw error;
  }
}

function failureOf({ terminalCondition }: Service, name: FunctionName): DeploymentFailure {
  const { message = "", reasons } = terminalCondition ?? {};
  const isHealthCheck =
    reasons?.case === "revisionReason" && reasons.value === RevisionReason.HEALTH_CHECK_CONTAINER_ERROR;
  return isHealthCheck ? healthCheckFailed(serviceIdOf(name), message) : serviceFailed(serviceIdOf(name), message);
}
