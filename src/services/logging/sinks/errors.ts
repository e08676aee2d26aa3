import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError, invalidArgument } from "../../../wire/errors.ts";

export function sinkNotFound(id: string): ApiError {
  return new ApiError(Code.NOT_FOUND, `Sink ${id} does not exist`);
}

export function sinkExists(id: string): ApiError {
  return new ApiError(Code.ALREADY_EXISTS, `Sink ${id} already exists`);
}

/** _Required cannot be changed, and it and _Default cannot be deleted. */
export function sinkIsFixed(id: string, what: "updated" | "deleted"): ApiError {
  return new ApiError(Code.FAILED_PRECONDITION, `The ${id} sink cannot be ${what}.`);
}

/** INVALID_ARGUMENT that names one field of a sink. */
export function invalidSink(field: string, description: string): ApiError {
  return invalidArgument(description, [{ field, description }]);
}
