import { type ApiError, failedPrecondition } from "../../../wire/errors.ts";
import { lastSegment } from "../names.ts";
import { resourceNotFound } from "../resource-errors.ts";

/** NOT_FOUND of a job, in Google's words. */
export function jobNotFound(name: string): ApiError {
  return resourceNotFound(name, "JOB");
}

/** NOT_FOUND of an execution, in Google's words. */
export function executionNotFound(name: string): ApiError {
  return resourceNotFound(name, "EXECUTION");
}

/** NOT_FOUND of a task, worded as Google's for the resources above it. */
export function taskNotFound(name: string): ApiError {
  return resourceNotFound(name, "TASK");
}

/** FAILED_PRECONDITION: the execution has ended. Google's words. */
export function executionNotRunning(name: string): ApiError {
  return failedPrecondition(`Execution '${lastSegment(name)}' cannot be cancelled because it is not running.`);
}
