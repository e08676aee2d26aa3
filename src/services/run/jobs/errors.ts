import { type ApiError, aborted, alreadyExists, failedPrecondition, notFound } from "../../../wire/errors.ts";
import { lastSegment } from "../names.ts";
import { parseExecutionName, parseJobName, parseTaskName } from "./names.ts";

/** NOT_FOUND of a job, in Google's words. */
export function jobNotFound(name: string): ApiError {
  const { project, location, job } = parseJobName(name);
  return missing(name, "JOB", job, location, project);
}

/** NOT_FOUND of an execution, in Google's words. */
export function executionNotFound(name: string): ApiError {
  const { project, location, execution } = parseExecutionName(name);
  return missing(name, "EXECUTION", execution, location, project);
}

/** NOT_FOUND of a task, worded as Google's for the resources above it. */
export function taskNotFound(name: string): ApiError {
  const { project, location, task } = parseTaskName(name);
  return missing(name, "TASK", task, location, project);
}

/** ALREADY_EXISTS of a job, in Google's words. */
export function jobExists(name: string): ApiError {
  return alreadyExists(name, `Resource '${lastSegment(name)}' already exists.`);
}

/** ABORTED: a job or execution that is on its way out cannot be changed or run. */
export function beingDeleted(name: string): ApiError {
  return aborted(`Resource '${lastSegment(name)}' is being deleted.`);
}

/** FAILED_PRECONDITION: the execution has ended. Google's words. */
export function executionNotRunning(name: string): ApiError {
  return failedPrecondition(`Execution '${lastSegment(name)}' cannot be cancelled because it is not running.`);
}

function missing(name: string, kind: string, id: string, location: string, project: string): ApiError {
  return notFound(
    name,
    `Resource '${id}' of kind '${kind}' in region '${location}' in project '${project}' does not exist.`,
  );
}
