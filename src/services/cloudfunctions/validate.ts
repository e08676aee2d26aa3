import {
  type BuildConfig,
  BuildConfig_DockerRegistry as DockerRegistry,
  Environment,
  type Function,
  type ServiceConfig,
  ServiceConfig_VpcConnectorEgressSettings as Egress,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { type FieldViolation, invalidArgument } from "../../wire/errors.ts";
import { isLocation } from "../../wire/locations.ts";
import { invalidRequest } from "./errors.ts";
import type { FunctionName } from "./function-name.ts";
import {
  MAX_CONCURRENCY,
  MAX_EVENT_TIMEOUT_SECONDS,
  MAX_FUNCTION_ID,
  MAX_INSTANCES,
  MAX_LABELS,
  MAX_TIMEOUT_SECONDS,
} from "./limits.ts";
import { parseMemory } from "./memory.ts";
import { findRuntime, RUNTIMES } from "./runtimes.ts";
import { refuseUnsupported } from "./unsupported.ts";
import { triggerViolations } from "./validate-trigger.ts";

/** The Functions API takes what becomes a Cloud Run service name once in lower case with dashes for underscores. */
const FUNCTION_ID = /^[A-Za-z](?:[-_A-Za-z0-9]*[A-Za-z0-9])?$/;
const ENTRY_POINT = /^[A-Za-z_$][\w$.:-]{0,127}$/;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const BUILD_SERVICE_ACCOUNT = /^projects\/[^/]+\/serviceAccounts\/[^/]+$/;
const REPOSITORY = /^projects\/[^/]+\/locations\/([^/]+)\/repositories\/[^/]+$/;
/** Set by the platform (cloud.google.com/functions/docs/configuring/env-var, "Reserved environment variables"). */
const RESERVED_ENV =
  /^(FUNCTION_TARGET|FUNCTION_SIGNATURE_TYPE|K_SERVICE|K_REVISION|K_CONFIGURATION|PORT|X_GOOGLE_.*)$/;
const RESERVED_BUILD_ENV =
  /^(GOOGLE_FUNCTION_TARGET|GOOGLE_FUNCTION_SIGNATURE_TYPE|GOOGLE_RUNTIME|FUNCTION_TARGET|FUNCTION_SIGNATURE_TYPE|X_GOOGLE_.*)$/;

/** Rejects a function id or location that cannot be, before anything else is looked at. */
export function validateName({ id, location }: FunctionName): void {
  if (!isLocation(location)) {
    const description = `Location ${location} is not found or access is unauthorized.`;
    throw invalidArgument(description, [{ field: "parent", description }]);
  }
  if (FUNCTION_ID.test(id) && id.length <= MAX_FUNCTION_ID) return;
  const description = `Function name '${id}' must match the pattern ${FUNCTION_ID.source} and have at most ${MAX_FUNCTION_ID} characters`;
  throw invalidRequest([{ field: "function_id", description }]);
}

/** Rejects a function, defaults filled in, that cannot be deployed; all its faults in one error. */
export function validateFunction(fn: Function, name: FunctionName): void {
  refuseUnsupported(fn);
  const violations = [
    ...labelViolations(fn.labels),
    ...(fn.environment === Environment.GEN_1 ? [violation("environment", "1st gen functions are not supported")] : []),
    ...(fn.buildConfig ? buildViolations(fn.buildConfig, name.location) : []),
    ...(fn.serviceConfig ? serviceViolations(fn.serviceConfig, longestTimeoutOf(fn)) : []),
    ...(fn.eventTrigger ? triggerViolations(fn.eventTrigger, name) : []),
  ];
  if (violations.length > 0) throw invalidRequest(violations);
}

function* labelViolations(labels: Readonly<Record<string, string>>): Iterable<FieldViolation> {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) yield violation("labels", `a function has at most ${MAX_LABELS} labels`);
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key)) yield violation("labels", `label key '${key}' must match ${LABEL_KEY.source}`);
    if (!LABEL_VALUE.test(value))
      yield violation("labels", `label value '${value}' of '${key}' must match ${LABEL_VALUE.source}`);
  }
}

function* buildViolations(build: BuildConfig, location: string): Iterable<FieldViolation> {
  const at = (field: string, text: string) => violation(`build_config.${field}`, text);
  if (build.runtime === "") yield at("runtime", "runtime must be given");
  else if (!findRuntime(build.runtime)) {
    const known = RUNTIMES.map(({ name }) => name).join(", ");
    yield at("runtime", `Runtime "${build.runtime}" is not supported on GCF Gen2; supported runtimes: ${known}`);
  }
  if (!ENTRY_POINT.test(build.entryPoint)) yield at("entry_point", `invalid entry point '${build.entryPoint}'`);
  if (build.source?.source.case !== "storageSource") yield at("source", "source must be given");
  else if (build.source.source.value.bucket === "" || build.source.source.value.object === "")
    yield at("source.storage_source", "bucket and object of the source must be given");
  if (build.dockerRegistry === DockerRegistry.CONTAINER_REGISTRY)
    yield at("docker_registry", "2nd gen functions can only use Artifact Registry");
  if (REPOSITORY.exec(build.dockerRepository)?.[1] !== location)
    yield at("docker_repository", `'${build.dockerRepository}' must be a repository in location ${location}`);
  if (build.serviceAccount !== "" && !BUILD_SERVICE_ACCOUNT.test(build.serviceAccount))
    yield at("service_account", `'${build.serviceAccount}' must match projects/{projectId}/serviceAccounts/{email}`);
  yield* envViolations("build_config.environment_variables", build.environmentVariables, RESERVED_BUILD_ENV);
}

function longestTimeoutOf({ eventTrigger }: Function): number {
  return eventTrigger ? MAX_EVENT_TIMEOUT_SECONDS : MAX_TIMEOUT_SECONDS;
}

function* serviceViolations(service: ServiceConfig, longestSeconds: number): Iterable<FieldViolation> {
  const at = (field: string, text: string) => violation(`service_config.${field}`, text);
  const { timeoutSeconds, minInstanceCount, maxInstanceCount, maxInstanceRequestConcurrency } = service;
  if (timeoutSeconds < 1 || timeoutSeconds > longestSeconds)
    yield at("timeout_seconds", `timeout must be between 1 and ${longestSeconds} seconds`);
  if (parseMemory(service.availableMemory) === undefined)
    yield at("available_memory", `invalid memory '${service.availableMemory}': supported units are k, M, G, Mi, Gi`);
  if (!/^\d+(\.\d+)?m?$/.test(service.availableCpu))
    yield at("available_cpu", `invalid number of CPUs '${service.availableCpu}'`);
  if (minInstanceCount < 0 || maxInstanceCount < 1 || maxInstanceCount > MAX_INSTANCES)
    yield at("max_instance_count", `instance counts must be between 0 and ${MAX_INSTANCES}`);
  if (minInstanceCount > maxInstanceCount)
    yield at("min_instance_count", "min_instance_count must not be greater than max_instance_count");
  if (maxInstanceRequestConcurrency < 1 || maxInstanceRequestConcurrency > MAX_CONCURRENCY)
    yield at("max_instance_request_concurrency", `concurrency must be between 1 and ${MAX_CONCURRENCY}`);
  if (!EMAIL.test(service.serviceAccountEmail))
    yield at("service_account_email", `invalid service account '${service.serviceAccountEmail}'`);
  if (
    service.vpcConnector === "" &&
    service.vpcConnectorEgressSettings !== Egress.VPC_CONNECTOR_EGRESS_SETTINGS_UNSPECIFIED
  )
    yield at("vpc_connector_egress_settings", "egress settings need a VPC connector");
  yield* envViolations("service_config.environment_variables", service.environmentVariables, RESERVED_ENV);
  yield* secretViolations(service);
}

function* secretViolations(service: ServiceConfig): Iterable<FieldViolation> {
  const field = "service_config.secret_environment_variables";
  for (const { key, secret } of service.secretEnvironmentVariables) {
    yield* envViolations(field, { [key]: "" }, RESERVED_ENV);
    if (secret === "") yield violation(field, `the secret of environment variable '${key}' must be given`);
    if (key in service.environmentVariables)
      yield violation(field, `environment variable '${key}' is given as a value and as a secret`);
  }
  for (const { mountPath, secret } of service.secretVolumes) {
    if (!mountPath.startsWith("/") || secret === "")
      yield violation("service_config.secret_volumes", "a secret and an absolute mount path must be given");
  }
}

function* envViolations(
  field: string,
  variables: Readonly<Record<string, string>>,
  reserved: RegExp,
): Iterable<FieldViolation> {
  for (const [key, value] of Object.entries(variables)) {
    if (key === "" || /[=\0]/.test(key) || value.includes("\0"))
      yield violation(field, `environment variable '${key}' must not be empty or contain '=' or NUL`);
    if (reserved.test(key)) yield violation(field, `environment variable name ${key} is reserved by the system`);
  }
}

function violation(field: string, description: string): FieldViolation {
  return { field: `function.${field}`, description };
}
