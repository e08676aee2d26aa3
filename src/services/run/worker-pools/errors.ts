import { type ApiError, failedPrecondition } from "../../../wire/errors.ts";
import { resourceNotFound } from "../resource-errors.ts";

/** NOT_FOUND of a worker pool, worded as Google's for services. */
export function workerPoolNotFound(name: string): ApiError {
  return resourceNotFound(name, "WORKER_POOL");
}

/** FAILED_PRECONDITION: revisions that have instances stay. Google: Cloud Run docs, manage worker pool revisions. */
export function runningRevisionKept(revision: string): ApiError {
  return failedPrecondition(`Revision '${revision}' is part of an instance split and cannot be deleted.`);
}
