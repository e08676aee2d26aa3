import { clone, create } from "@bufbuild/protobuf";
import {
  AutomaticUpdatePolicySchema,
  BuildConfig_DockerRegistry as DockerRegistry,
  BuildConfigSchema,
  Environment,
  type Function,
  FunctionSchema,
  ServiceConfig_IngressSettings as IngressSettings,
  ServiceConfigSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import {
  computeServiceAccountOf,
  defaultRepositoryOf,
  type FunctionName,
  serviceNameOf,
  urlOf,
} from "./function-name.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_MAX_INSTANCES, DEFAULT_MEMORY, DEFAULT_TIMEOUT_SECONDS } from "./limits.ts";
import { defaultCpuOf, parseMemory } from "./memory.ts";

/** The function with everything filled in that Google fills in for what a client leaves out. */
export function withDefaults(given: Function, name: FunctionName): Function {
  const result = clone(FunctionSchema, given);
  result.environment = Environment.GEN_2;
  result.url = urlOf(name);
  const build = (result.buildConfig ??= create(BuildConfigSchema));
  build.entryPoint ||= name.id;
  build.dockerRegistry ||= DockerRegistry.ARTIFACT_REGISTRY;
  build.dockerRepository ||= defaultRepositoryOf(name);
  if (!build.runtimeUpdatePolicy.case)
    build.runtimeUpdatePolicy = { case: "automaticUpdatePolicy", value: create(AutomaticUpdatePolicySchema) };
  const service = (result.serviceConfig ??= create(ServiceConfigSchema, { allTrafficOnLatestRevision: true }));
  service.service = serviceNameOf(name);
  service.timeoutSeconds ||= DEFAULT_TIMEOUT_SECONDS;
  service.availableMemory ||= DEFAULT_MEMORY;
  service.availableCpu ||= defaultCpuOf(parseMemory(service.availableMemory) ?? 0);
  service.maxInstanceCount ||= DEFAULT_MAX_INSTANCES;
  service.maxInstanceRequestConcurrency ||= DEFAULT_CONCURRENCY;
  service.ingressSettings ||= IngressSettings.ALLOW_ALL;
  service.serviceAccountEmail ||= computeServiceAccountOf(name.project);
  return result;
}

/** `merged` with what only the server writes taken from `current`, whatever an update's mask names. */
export function keepOutputs(merged: Function, current: Function): Function {
  const result = clone(FunctionSchema, merged);
  const { name, environment, state, url } = current;
  Object.assign(result, { name, environment, state, url, stateMessages: current.stateMessages });
  if (current.createTime) result.createTime = current.createTime;
  if (current.updateTime) result.updateTime = current.updateTime;
  const build = (result.buildConfig ??= create(BuildConfigSchema));
  build.build = current.buildConfig?.build ?? "";
  const [policy, kept] = [build.runtimeUpdatePolicy, current.buildConfig?.runtimeUpdatePolicy];
  if (policy.case === "onDeployUpdatePolicy")
    policy.value.runtimeVersion = kept?.case === "onDeployUpdatePolicy" ? kept.value.runtimeVersion : "";
  if (current.buildConfig?.sourceProvenance) build.sourceProvenance = current.buildConfig.sourceProvenance;
  const service = (result.serviceConfig ??= create(ServiceConfigSchema));
  const { service: serviceName = "", uri = "", revision = "" } = current.serviceConfig ?? {};
  Object.assign(service, { service: serviceName, uri, revision });
  return result;
}
