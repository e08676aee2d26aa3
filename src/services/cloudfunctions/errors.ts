import { Code } from "../../gen/google/rpc/code_pb.js";
import {
  ApiError,
  aborted,
  alreadyExists,
  failedPrecondition,
  invalidArgument,
  notFound,
  type FieldViolation,
} from "../../wire/errors.ts";

/** INVALID_ARGUMENT for a request with several faults, in the words of the Functions API. */
export function invalidRequest(violations: readonly FieldViolation[]): ApiError {
  const faults = violations.map(({ description }) => description).join("; ");
  return invalidArgument(`Invalid Request. Violations: ${faults}`, violations);
}

/** NOT_FOUND of a function. */
export function functionNotFound(name: string): ApiError {
  return notFound(name, `Resource '${name}' was not found`);
}

/** ALREADY_EXISTS of a function. */
export function functionExists(name: string): ApiError {
  return alreadyExists(name, `Resource '${name}' already exists`);
}

/** ABORTED: an operation on the function is under way. Google's words. */
export function operationUnderWay(): ApiError {
  return aborted("unable to queue the operation");
}

/** FAILED_PRECONDITION: only a function that is ACTIVE can be detached. */
export function notDeployed(name: string): ApiError {
  return failedPrecondition(`Function '${name}' is not ACTIVE; deploy it before it is detached.`);
}

/** ALREADY_EXISTS: the name of the function's service is taken. Google's words. */
export function serviceNameTaken(service: string): ApiError {
  return new ApiError(
    Code.ALREADY_EXISTS,
    `Could not create Cloud Run service ${service}. A Cloud Run service with this name already exists. Please redeploy the function with a different name.`,
  );
}

/** Cloud Run refuses the service that a function asks for; keeps Cloud Run's code and message. */
export function serviceRefused(verb: "create" | "update", service: string, cause: ApiError): ApiError {
  return new ApiError(cause.code, `Could not ${verb} Cloud Run service ${service}. ${cause.message}`, {
    details: cause.details,
    cause,
  });
}

/** INVALID_ARGUMENT: the source archive is not where the request says. */
export function sourceNotFound(url: string): ApiError {
  return invalidArgument(`The source object ${url} does not exist or cannot be read.`, [
    { field: "function.build_config.source", description: `The object ${url} does not exist or cannot be read.` },
  ]);
}

/** A deployment that ended without success: what the operation and the function's state messages say. */
export class DeploymentFailure extends Error {
  override name = "DeploymentFailure";
  /** One-word CamelCase type of the state message. */
  readonly type: string;
  readonly code: Code;

  constructor(type: string, message: string, code: Code = Code.INVALID_ARGUMENT) {
    super(message);
    this.type = type;
    this.code = code;
  }
}

/** The BUILD stage failed. Google's words. */
export function buildFailed(status: string, detail: string, logUrl: string): DeploymentFailure {
  const message = `Build failed with status: ${status} and message: ${detail}. For more details see the logs at ${logUrl}.`;
  return new DeploymentFailure("BuildFailed", message);
}

/** The SERVICE stage failed because the container did not start. Google's words. */
export function healthCheckFailed(service: string, detail: string): DeploymentFailure {
  const message = `Could not create or update Cloud Run service ${service}, Container Healthcheck failed. ${detail}`;
  return new DeploymentFailure("HealthCheckContainerError", message);
}

/** The SERVICE stage failed for another reason. Google's words. */
export function serviceFailed(service: string, detail: string, code?: Code): DeploymentFailure {
  return new DeploymentFailure(
    "CloudRunServiceFailed",
    `Could not create or update Cloud Run service ${service}. ${detail}`,
    code,
  );
}

/** Eventarc does not take a function's trigger; Google's words, and Eventarc's code and message. */
export function triggerRefused(trigger: string, cause: ApiError): ApiError {
  const message = `Validation failed for trigger ${trigger}: ${cause.message}`;
  return new ApiError(cause.code, message, { details: cause.details, cause });
}

/** The TRIGGER stage failed. Google's words. */
export function triggerFailed(trigger: string, detail: string, code?: Code): DeploymentFailure {
  return new DeploymentFailure("TriggerFailed", `Creating trigger failed for ${trigger}: ${detail}`, code);
}

/** A deployment that met nothing but internal errors. */
export function internalFailure(): DeploymentFailure {
  return new DeploymentFailure("InternalError", "An internal error has occurred.", Code.INTERNAL);
}
