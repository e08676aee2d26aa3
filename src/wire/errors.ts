import type { Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";
import { Code } from "../gen/google/rpc/code_pb.js";
import { BadRequestSchema, ErrorInfoSchema, ResourceInfoSchema } from "../gen/google/rpc/error_details_pb.js";

/** Every error that crosses the wire: a google.rpc.Code, Google's message and the details Google documents. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly code: Code;
  readonly details: readonly Any[];

  constructor(code: Code, message: string, options: { details?: readonly Any[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }
}

export interface FieldViolation {
  /** Path of the field as in the proto, snake_case, for example "function.build_config.runtime". */
  readonly field: string;
  readonly description: string;
}

/** INVALID_ARGUMENT with a BadRequest detail that names the fields. */
export function invalidArgument(message: string, violations: readonly FieldViolation[] = []): ApiError {
  const details = violations.length
    ? [pack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [...violations] }))]
    : [];
  return new ApiError(Code.INVALID_ARGUMENT, message, { details });
}

/** NOT_FOUND in Google's common wording, with ResourceInfo. */
export function notFound(resourceName: string, message = `Resource '${resourceName}' was not found`): ApiError {
  return new ApiError(Code.NOT_FOUND, message, { details: [resourceInfo(resourceName)] });
}

/** ALREADY_EXISTS in Google's common wording, with ResourceInfo. */
export function alreadyExists(resourceName: string, message?: string): ApiError {
  return new ApiError(Code.ALREADY_EXISTS, message ?? `Resource '${resourceName}' already exists`, {
    details: [resourceInfo(resourceName)],
  });
}

/** PERMISSION_DENIED in the wording of Google's IAM check, with ErrorInfo reason IAM_PERMISSION_DENIED. */
export function permissionDenied(permission: string, resource: string): ApiError {
  const info = create(ErrorInfoSchema, {
    reason: "IAM_PERMISSION_DENIED",
    domain: "iam.googleapis.com",
    metadata: { permission, resource },
  });
  const message = `Permission '${permission}' denied on resource '//${resource}' (or it may not exist).`;
  return new ApiError(Code.PERMISSION_DENIED, message, { details: [pack(ErrorInfoSchema, info)] });
}

/** UNAUTHENTICATED, as Google answers to a credential that is absent or not valid. */
export function unauthenticated(reason: "CREDENTIALS_MISSING" | "ACCESS_TOKEN_INVALID"): ApiError {
  const message =
    reason === "CREDENTIALS_MISSING"
      ? "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
      : "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
  const info = create(ErrorInfoSchema, { reason, domain: "googleapis.com" });
  return new ApiError(Code.UNAUTHENTICATED, message, { details: [pack(ErrorInfoSchema, info)] });
}

/** UNIMPLEMENTED that names the method or field which homerun does not support. */
export function unimplemented(what: string): ApiError {
  return new ApiError(Code.UNIMPLEMENTED, `${what} is not supported by homerun.`);
}

/** INVALID_ARGUMENT for a field that is known but not supported; names the field. */
export function unsupportedField(field: string): ApiError {
  const description = `The field ${field} is not supported by homerun.`;
  return invalidArgument(description, [{ field, description }]);
}

/** FAILED_PRECONDITION: the system is not in a state that allows the call. */
export function failedPrecondition(message: string): ApiError {
  return new ApiError(Code.FAILED_PRECONDITION, message);
}

/** ABORTED: a concurrency conflict, such as a stale etag or an operation under way. */
export function aborted(message: string): ApiError {
  return new ApiError(Code.ABORTED, message);
}

/** RESOURCE_EXHAUSTED: a quota or limit is used up. */
export function resourceExhausted(message: string): ApiError {
  return new ApiError(Code.RESOURCE_EXHAUSTED, message);
}

function resourceInfo(resourceName: string): Any {
  return pack(ResourceInfoSchema, create(ResourceInfoSchema, { resourceName }));
}

function pack<T extends Message>(schema: GenMessage<T>, message: T): Any {
  return anyPack(schema, message);
}
