import { clone } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  Function_State as FunctionState,
  FunctionSchema,
} from "../../../gen/google/cloud/functions/v2/functions_pb.js";
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
import { saveEnd } from "../save.ts";
import { belongsTo, isDeployedBy, planService, serviceMaskOf } from "../service-plan.ts";
import { pruneSources } from "../source.ts";
import { buildNameOf } from "../stages.ts";
import { deploymentIdOf } from "../stored-function.ts";
import { waitAWhile } from "../wait.ts";
import { STILL_WORKING, type StepOutcome, type Work } from "./step.ts";

/** Stage SERVICE: the function's Cloud Run service runs the image; then the function is ACTIVE. */
export async function serviceStep(deps: Deps, work: Work): Promise<StepOutcome> {
  const { stored, signal } = work;
  const name = parseFunctionName(stored.name);
  const services = deps.clients.of(Services, agentOf(name.project), signal);
  const service = await unless(services.getService({ name: serviceNameOf(name) }), Code.NOT_FOUND);
  if (service && !belongsTo(service, name)) {
    const { message } = serviceNameTaken(serviceIdOf(name));
    throw new DeploymentFailure("CloudRunServiceExists", message, Code.ALREADY_EXISTS);
  }
  if (!service || !isDeployedBy(service, deploymentIdOf(stored))) {
    const operation = await deploy(services, work, name, service);
    if (operation) await waitAWhile(deps, name.project, operation.name, signal);
    return operation ? "AGAIN" : STILL_WORKING;
  }
  if (service.reconciling) return STILL_WORKING;
  if (service.terminalCondition?.state === ConditionState.CONDITION_FAILED) throw failureOf(service, name);
  await pruneSources(deps, name);
  await saveEnd(deps, { ...stored, function: activeFunction(deps, work, name, service) }, work.deployment);
  return { settled: true };
}

/** Asks Cloud Run for the service; undefined when it still deletes the last one of this name. */
async function deploy(
  services: Client<typeof Services>,
  { stored }: Work,
  name: FunctionName,
  current: Service | undefined,
): Promise<Operation | undefined> {
  const planned = planService(stored.function, name, stored.image, deploymentIdOf(stored));
  try {
    if (!current) {
      const parent = formatLocation(name);
      return await services.createService({ parent, serviceId: serviceIdOf(name), service: planned });
    }
    planned.annotations = { ...current.annotations, ...planned.annotations };
    return await services.updateService({ service: planned, updateMask: { paths: serviceMaskOf(stored.function) } });
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

function activeFunction(deps: Deps, { stored, deployment }: Work, name: FunctionName, service: Service): Function {
  const fn = clone(FunctionSchema, stored.function);
  fn.state = FunctionState.ACTIVE;
  fn.stateMessages = [];
  fn.updateTime = timestampFromMs(deps.clock.nowMs());
  if (fn.buildConfig && deployment.buildId !== "") fn.buildConfig.build = buildNameOf(name, deployment.buildId);
  if (fn.serviceConfig) {
    fn.serviceConfig.uri = service.uri;
    fn.serviceConfig.revision = service.latestReadyRevision.slice(service.latestReadyRevision.lastIndexOf("/") + 1);
    fn.serviceConfig.allTrafficOnLatestRevision = service.traffic.every(({ revision }) => revision === "");
  }
  return fn;
}
