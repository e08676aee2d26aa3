import { create, createRegistry, type Registry, toJson } from "@bufbuild/protobuf";
import { Code } from "../gen/google/rpc/code_pb.js";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "../gen/google/rpc/status_pb.js";
import { ApiError } from "./errors.ts";
import { httpStatusOf } from "./http-status.ts";

/** The detail messages of Google's error model. */
const errorDetails = createRegistry(file_google_rpc_error_details);

/** What a client may know of any thrown value: ApiErrors as they are, everything else as a bare INTERNAL. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (isAbort(thrown)) return new ApiError(Code.CANCELLED, "The operation was cancelled.", { cause: thrown });
  return new ApiError(Code.INTERNAL, "Internal error encountered.", { cause: thrown });
}

/** The google.rpc.Status of an error. */
export function statusOf(error: ApiError): Status {
  return create(StatusSchema, { code: error.code, message: error.message, details: [...error.details] });
}

/** The error body of Google's REST APIs: { error: { code, message, status, details } }, with its HTTP status. */
export function errorBody(error: ApiError, registry: Registry = errorDetails): { httpStatus: number; body: object } {
  const httpStatus = httpStatusOf(error.code);
  const { details } = toJson(StatusSchema, statusOf(error), { registry }) as { details?: unknown[] };
  const body = { code: httpStatus, message: error.message, status: Code[error.code], ...(details && { details }) };
  return { httpStatus, body: { error: body } };
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "AbortError";
}
